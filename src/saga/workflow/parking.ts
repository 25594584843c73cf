import { condition, isCancellation } from '@temporalio/workflow';
import type { Command, OperatorAction } from '../command.ts';
import type { Parked, StackEntry } from '../data.ts';
import { type SagaError, statusOf } from '../errors.ts';
import { takenBack } from '../note.ts';
import type { StepId, StepOp } from '../step.ts';
import type { SagaRun } from './run.ts';

export const parkedAt = ({ data }: SagaRun, op: StepOp, { step, generation }: StepId): Parked | undefined =>
  data.parked.find((item) => item.op === op && item.step === step && item.generation === generation);

interface Parking extends Pick<Parked, 'error' | 'possible' | 'input'> {
  op: StepOp;
  entry: StackEntry;
}

/** The carried item, if the workflow continued as new meanwhile. */
export function parkedItem(run: SagaRun, { op, entry, ...rest }: Parking): Parked {
  const { step, generation } = entry;
  return parkedAt(run, op, entry) ?? { op, step, generation, ...rest };
}

/** The saga as a whole, parked. */
export const parkedSaga = (error: SagaError, possible: OperatorAction[]): Parked => ({
  step: null,
  op: null,
  generation: 0,
  error,
  possible,
});

/** Waits for a command. Alerts, unless it was parked before the workflow continued as new. */
export async function park(run: SagaRun, item: Parked, { mayContinue = true } = {}): Promise<Command> {
  const { step, op, generation, error } = item;
  const side = step !== null && op !== null ? { step, op, generation } : undefined;
  if (!run.data.parked.includes(item)) {
    run.data.parked.push(item);
    if (side) run.note({ event: 'status', ...side, status: 'parked' });
    run.alerts.raise(side ? `${op}-${step}-${generation}` : 'saga', error);
  }
  run.refresh();
  const leave = (status?: 'refused' | 'failed') => {
    run.data.parked.splice(run.data.parked.indexOf(item), 1);
    if (side && status) run.note({ event: 'status', ...side, status });
    run.refresh();
  };
  const settledAs = statusOf(error);
  try {
    // At least once, also for a command that is there: it rejects when the saga was stopped.
    for (;;) {
      await condition(() => item.command !== undefined || (mayContinue && run.shouldContinueAsNew()));
      if (item.command) break;
      await run.continueIfDue();
    }
  } catch (failure) {
    if (isCancellation(failure)) leave(settledAs);
    throw failure;
  }
  leave(item.command.action === 'correct' ? settledAs : undefined);
  return item.command;
}

/** Records why a command was not carried out. A resend counts again. */
export function takeBack(run: SagaRun, command: Command, why: string) {
  const { data } = run;
  data.handled = data.handled.filter((handled) => handled !== command);
  run.note({ event: 'ignored-signal', signal: command.action, why: takenBack, detail: why });
}
