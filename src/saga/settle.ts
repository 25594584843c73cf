import { CancellationScope, patched } from '@temporalio/workflow';
import type { Command, OperatorAction, Parked, StackEntry } from './data.ts';
import type { SagaError } from './errors.ts';
import type { SagaRun } from './run.ts';
import { type StepOp, undoOutcomeSchema } from './step.ts';

/**
 * Undoes one entry of the stack, and takes it off when it is settled: undone, or resolved by hand. `onParked` is
 * called when it waits for an operator.
 */
export async function undo(
  run: SagaRun,
  entry: StackEntry,
  { onParked = () => {}, mayContinue = true } = {},
): Promise<void> {
  for (let error = run.parkedAt('undo', entry)?.error; ; ) {
    if (!error) {
      const tried = await run.attempt('undo', entry);
      if ('result' in tried) {
        // Somebody had settled it by hand, in a run before.
        if (undoOutcomeSchema.parse(tried.result).outcome === 'resolved') run.data.resolved = true;
        break;
      }
      error = tried.error;
    }
    onParked();
    const command = await run.park(parkedItem(run, 'undo', entry, error, ['retry', 'resolve']), {
      mayContinue,
    });
    if (command.action !== 'resolve') error = undefined;
    else if (await settleByHand(run, 'undo', entry, error, command)) break;
  }
  run.drop(entry);
}

/** The result of the pivot if it has committed; it is fenced if it has not. Waits for an operator until it is known. */
export function fencePivot(run: SagaRun, entry: StackEntry): Promise<{ result: unknown } | undefined> {
  return CancellationScope.nonCancellable(async () => {
    for (;;) {
      const tried = await run.attempt('undo', entry);
      if ('result' in tried) {
        const found = undoOutcomeSchema.parse(tried.result);
        return found.outcome === 'committed' ? { result: found.result } : undefined;
      }
      await run.park(parkedItem(run, 'undo', entry, tried.error, ['retry']), { mayContinue: false });
    }
  });
}

/** Fences what somebody has settled by hand, and records it. Answers whether that could be done. */
export async function settleByHand(
  run: SagaRun,
  op: StepOp,
  entry: StackEntry,
  error: SagaError,
  command: Command,
): Promise<boolean> {
  const tried = await run.attempt('undo', entry, { by_hand: op });
  if ('error' in tried) {
    if (patched('resolve-fails-aloud'))
      run.takeBack(command, `${entry.step} could not be fenced: ${tried.error.message}`);
    return false;
  }
  const { step, generation } = entry;
  const { by, reason } = command;
  run.note({ event: 'resolved', step, generation, op, by, reason });
  const list = op === 'do' ? run.data.errors.execution : run.data.errors.compensation;
  list.push({ ...error, resolved: resolutionOf(command) });
  run.data.resolved = true;
  return true;
}

/** What a resolved error records of the command. */
export const resolutionOf = ({ by, reason }: Command) => ({ by, reason, at: new Date().toISOString() });

/** The one that was carried over, if the workflow continued as new meanwhile. */
export const parkedItem = (
  run: SagaRun,
  op: StepOp,
  { step, generation }: StackEntry,
  error: SagaError,
  possible: OperatorAction[],
  input?: unknown,
): Parked => run.parkedAt(op, { step, generation }) ?? { step, op, generation, error, possible, input };
