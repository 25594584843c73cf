import { type ApplicationFailure, activityInfo, Context } from '@temporalio/activity';
import type { Database } from '../guard/database.ts';
import type { Failpoints } from '../guard/failpoints.ts';
import { doStep, undoStep } from '../guard/guard.ts';
import type { Step } from '../guard/implement.ts';
import { publicMessage } from '../guard/public-message.ts';
import { type StepReport, startAttempt } from '../guard/step-report.ts';
import { StepError } from '../saga/errors.ts';
import { failureWithoutStack } from '../saga/failure.ts';
import {
  activityType,
  type StepCall,
  type StepContract,
  type StepOp,
  undoOutcomeSchema,
} from '../saga/step.ts';

/** Each contract with its implementation. */
type StepsOf<Contracts extends Record<string, StepContract>> = {
  [K in keyof Contracts]: Step<Contracts[K]>;
};

export interface StepEnvironment {
  database: Database;
  failpoints: Failpoints;
  report: StepReport;
}

/** The attempt's number, and what ends a hang when the worker stops. */
interface Attempt {
  attempt: number;
  cancelled: Promise<never>;
}

/** `tried`: absent, it is taken from the activity's context. */
export type StepActivities = Record<string, (call: StepCall, tried?: Attempt) => Promise<unknown>>;

/** The activities of one service: a `do` and an `undo` for each step. */
export function stepActivities<Contracts extends Record<string, StepContract>>(
  contracts: Contracts,
  steps: StepsOf<Contracts>,
  environment: StepEnvironment,
): StepActivities {
  const entries = Object.entries(contracts).flatMap(([key, contract]) => {
    const step: Step | undefined = steps[key];
    if (step?.contract !== contract)
      throw new Error(`${contract.name} is not implemented by the step ${key}`);
    const act = (op: StepOp) =>
      [
        activityType(contract.name, op),
        (call: StepCall, tried?: Attempt) => run(op, step, call, environment, tried),
      ] as const;
    return [act('do'), act('undo')];
  });
  const activities = Object.fromEntries(entries);
  if (Object.keys(activities).length !== entries.length)
    throw new Error('two steps of a service have one name');
  return activities;
}

async function run(
  op: StepOp,
  step: Step,
  call: StepCall,
  { database, failpoints, report }: StepEnvironment,
  { attempt, cancelled }: Attempt = ofActivity(),
) {
  const place = { saga: call.saga_id, step: call.step, op, attempt };
  const ended = startAttempt(report, { ...place, contract: step.contract });
  try {
    const failAt = (at: 'before' | 'after_commit') =>
      call.by_hand ? undefined : failpoints({ ...place, at }, cancelled);
    await failAt('before');
    const answer = await (op === 'do' ? doStep : undoStep)(database, step, call);
    await failAt('after_commit');
    ended({ outcome: op === 'do' ? 'done' : undoOutcomeSchema.parse(answer).outcome, final: true });
    return answer;
  } catch (error) {
    const failure = toFailure(error, op, attempt, step.contract.service);
    ended({ outcome: failure.type ?? 'failed', final: failure.nonRetryable === true, error });
    throw failure;
  }
}

const ofActivity = (): Attempt => ({
  attempt: activityInfo().attempt,
  cancelled: Context.current().cancelled,
});

/** The part of an error that may leave this process. A compensation is always retried. */
function toFailure(error: unknown, op: StepOp, attempts: number, service: string): ApplicationFailure {
  const final = error instanceof StepError;
  return failureWithoutStack({
    type: final ? error.type : 'failed',
    nonRetryable: final && op === 'do',
    message: publicMessage(error, service),
    details: [{ attempts }],
  });
}
