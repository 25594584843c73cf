import { ActivityFailure, ApplicationFailure, proxyActivities, TimeoutFailure } from '@temporalio/workflow';
import { milliseconds } from '../duration.ts';
import { attemptsOf, isFinalError, type SagaError, timedOut } from '../errors.ts';
import { activityId, activityType, type StepCall, type StepContract, type StepOp } from '../step.ts';
import { alertAfterInMemo } from './alerts.ts';

const policyOf = (contract: StepContract, op: StepOp) => (op === 'do' ? contract.retry : contract.undoRetry);

/** A pivot is retried until it is known whether it has committed. */
const isEndless = (contract: StepContract, op: StepOp) => contract.pivot && op === 'do';

/** Runs one side of a step as an activity on its service's task queue. `within`: milliseconds for all attempts. */
export function callStep(
  contract: StepContract,
  op: StepOp,
  call: StepCall,
  { within }: { within?: number } = {},
): Promise<unknown> {
  const { attempts, timeout, backoff, backoffCap } = policyOf(contract, op);
  const type = activityType(contract.name, op);
  const run = proxyActivities({
    taskQueue: contract.service,
    activityId: call.by_hand ? `by-hand:${call.step}@${call.generation}` : activityId(call, op),
    summary: summaryOf(contract, op, call),
    startToCloseTimeout: timeout,
    ...(within !== undefined && { scheduleToCloseTimeout: within }),
    retry: {
      initialInterval: backoff,
      backoffCoefficient: 2,
      maximumInterval: backoffCap,
      ...(isEndless(contract, op) ? {} : { maximumAttempts: attempts }),
    },
  })[type];
  if (!run) throw new Error(`no activity ${type}`);
  return run(call);
}

/** Runs a pivot until its outcome is known. Calls `onLate` once if that takes too long. */
export async function callPivot(
  contract: StepContract,
  call: StepCall,
  onLate: (late: Pick<SagaError, 'message' | 'at'>) => void,
): Promise<unknown> {
  const at = new Date().toISOString();
  const limit = alertAfterInMemo();
  const within = Math.max(milliseconds(limit), contract.retry.timeout);
  try {
    return await callStep(contract, 'do', call, { within });
  } catch (failure) {
    if (!(failure instanceof ActivityFailure)) throw failure;
    const { type, message } = stepError(call.step, 'do', contract, failure);
    if (isFinalError(type)) throw failure;
    onLate({ message: `not done within ${limit}: ${message}`, at });
    return callStep(contract, 'do', call);
  }
}

function summaryOf({ name, summary, compensation, pivot }: StepContract, op: StepOp, { by_hand }: StepCall) {
  if (by_hand) return `Settled by hand: fence ${name}`;
  if (op === 'do') return summary;
  return `Undo: ${compensation ?? (pivot ? 'fence the pivot' : 'nothing')}`;
}

/** Converts an activity's failure into an entry of the saga's error lists. */
export function stepError(
  step: string,
  op: StepOp,
  contract: StepContract,
  { cause }: ActivityFailure,
): SagaError {
  const error = { step, op, at: new Date().toISOString() } as const;
  if (cause instanceof TimeoutFailure)
    return { ...error, type: 'timed-out', message: timedOut, attempts: policyOf(contract, op).attempts };
  const { type, details } = cause instanceof ApplicationFailure ? cause : {};
  const message = cause?.message ?? 'failed';
  return {
    ...error,
    type: isFinalError(type) ? type : 'failed',
    message,
    attempts: attemptsOf(details) ?? 1,
  };
}
