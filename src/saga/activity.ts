import {
  ActivityFailure,
  ApplicationFailure,
  proxyActivities,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import { attemptsOf, isFinalError, type SagaError, timedOut } from './errors.ts';
import { activityId, activityType, type StepCall, type StepContract, type StepOp } from './step.ts';

/** Runs one side of a step as an activity on its service's task queue, `endless` without a limit on attempts. */
export function callStep(
  contract: StepContract,
  op: StepOp,
  call: StepCall,
  { endless }: { endless: boolean },
): Promise<unknown> {
  const { attempts, timeout, backoff, backoffCap } = contract.retry;
  const type = activityType(contract.name, op);
  const run = proxyActivities({
    taskQueue: contract.service,
    activityId: activityId(call, op),
    summary: op === 'do' ? contract.summary : `Undo: ${contract.compensation ?? 'fence the pivot'}`,
    startToCloseTimeout: timeout,
    retry: {
      initialInterval: backoff,
      backoffCoefficient: 2,
      maximumInterval: backoffCap,
      ...(endless ? {} : { maximumAttempts: attempts }),
    },
  })[type];
  if (!run) throw new Error(`no activity ${type}`);
  return run(call);
}

/** `callStep` until it answers: nothing that goes wrong here may be dropped. */
export async function settleStep(contract: StepContract, op: StepOp, call: StepCall): Promise<unknown> {
  for (;;) {
    try {
      return await callStep(contract, op, call, { endless: true });
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      await sleep(contract.retry.backoffCap);
    }
  }
}

/** What an activity's failure says, in the words of the saga's error lists. `allowed` is how often it could be tried. */
export function stepError(
  { step }: { step: string },
  allowed: number,
  { cause }: ActivityFailure,
): SagaError {
  const error = { step, op: 'do', at: new Date().toISOString() } as const;
  if (cause instanceof TimeoutFailure)
    return { ...error, type: 'timed-out', message: timedOut, attempts: allowed };
  const { type, details } = cause instanceof ApplicationFailure ? cause : {};
  const message = cause?.message ?? 'failed';
  return {
    ...error,
    type: isFinalError(type) ? type : 'failed',
    message,
    attempts: attemptsOf(details) ?? 1,
  };
}
