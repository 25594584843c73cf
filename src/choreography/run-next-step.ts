import type { Database } from '../guard/database.ts';
import type { Failpoints } from '../guard/failpoints.ts';
import { doStep, refuseStep, undoStep } from '../guard/guard.ts';
import type { Step } from '../guard/implement.ts';
import type { Cause } from '../guard/outbox.ts';
import type { OutboxEvent } from '../guard/outbox-take.ts';
import { type StepReport, startAttempt } from '../guard/step-report.ts';
import { StepError } from '../saga/errors.ts';
import type { StepCall } from '../saga/step.ts';
import { knownNextStep, type PurchaseContext, positionOf, purchaseContext } from './purchase.ts';

export interface ChoreographyEnvironment {
  /** By service. */
  databases: Readonly<Record<string, Database>>;
  failpoints: Failpoints;
  report: StepReport;
  now: () => Date;
}

/** Runs the step that follows from the event: once, however often the event is delivered. */
export async function runNextStep(
  { databases, failpoints, report, now }: ChoreographyEnvironment,
  event: OutboxEvent,
  cancelled: Promise<never>,
): Promise<void> {
  if (event.seq === null) return;
  const next = knownNextStep(event.eventType);
  if (!next) return;
  const { step, op } = next;
  const { name, service } = step.contract;
  const database = databases[service];
  if (!database) throw new Error(`the ${service} service takes no part in a purchase`);
  const context = purchaseContext.parse(event.context);
  const cause = { seq: event.seq, attempt: event.attempts, context: event.context };
  const place = { saga: event.sagaId, step: name, op, attempt: event.attempts };
  const input = next.input(event.sagaId, context);
  const call = { saga_id: event.sagaId, step: name, generation: 1, position: positionOf(step), input };

  const ended = startAttempt(report, { ...place, contract: step.contract });
  const begin = () => failpoints({ ...place, at: 'before' }, cancelled);
  const stepRun = { database, step, call, cause, begin };
  try {
    const outcome = op === 'undo' ? await reverse(stepRun) : await act(stepRun, isLate(context, now()));
    await failpoints({ ...place, at: 'after_commit' }, cancelled);
    ended({ outcome, final: true });
  } catch (error) {
    ended({ outcome: 'failed', final: false, error });
    throw error;
  }
}

const isLate = ({ deadline }: PurchaseContext, now: Date) =>
  deadline !== null && now.toISOString() > deadline;

interface StepRun {
  database: Database;
  step: Step;
  call: StepCall;
  cause: Cause;
  /** Throws where a failpoint does. */
  begin(): Promise<void>;
}

/** Returns `done` or `refused`. */
async function act({ database, step, call, cause, begin }: StepRun, late: boolean): Promise<string> {
  const refuse = async (payload: object) => {
    await refuseStep(database, step, call, { payload, cause });
    return 'refused';
  };
  if (late && step.contract.events.refused !== undefined)
    return refuse({ reason: 'the deadline has passed', error: 'deadline' });
  try {
    await begin();
    await doStep(database, step, call, cause);
    return 'done';
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    // An earlier attempt was refused and published that.
    if (error.type === 'fenced') return 'refused';
    if (error.type !== 'refused') throw error;
    return refuse({ reason: error.message, error: 'refused' });
  }
}

async function reverse({ database, step, call, cause, begin }: StepRun): Promise<string> {
  await begin();
  const { outcome } = await undoStep(database, step, call, cause);
  if (outcome !== 'undone') throw new Error(`${call.step} was to be undone, and was found ${outcome}`);
  return outcome;
}
