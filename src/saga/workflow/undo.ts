import { CancellationScope } from '@temporalio/workflow';
import type { Command } from '../command.ts';
import type { StackEntry } from '../data.ts';
import type { SagaError } from '../errors.ts';
import { type StepOp, undoOutcomeSchema } from '../step.ts';
import { park, parkedAt, parkedItem, takeBack } from './parking.ts';
import type { SagaRun } from './run.ts';

/** Undoes one entry of the stack and removes it once it is undone or resolved. `onParked`: it waits for an operator. */
export async function undo(
  run: SagaRun,
  entry: StackEntry,
  { onParked = () => {}, mayContinue = true } = {},
): Promise<void> {
  for (let error = parkedAt(run, 'undo', entry)?.error; ; ) {
    if (!error) {
      const tried = await run.attempt('undo', entry);
      if ('result' in tried) {
        // An operator resolved it in an earlier run.
        if (undoOutcomeSchema.parse(tried.result).outcome === 'resolved') run.data.resolved = true;
        break;
      }
      error = tried.error;
    }
    onParked();
    const item = parkedItem(run, { op: 'undo', entry, error, possible: ['retry', 'resolve'] });
    const command = await park(run, item, { mayContinue });
    if (command.action !== 'resolve') error = undefined;
    else if (await resolveByHand(run, 'undo', entry, error, command)) break;
  }
  run.drop(entry);
}

/** Returns the result of the pivot if it has committed, and fences it if not. Waits for an operator if that fails. */
export function fencePivot(run: SagaRun, entry: StackEntry): Promise<{ result: unknown } | undefined> {
  return CancellationScope.nonCancellable(async () => {
    for (;;) {
      const tried = await run.attempt('undo', entry);
      if ('result' in tried) {
        const found = undoOutcomeSchema.parse(tried.result);
        return found.outcome === 'committed' ? { result: found.result } : undefined;
      }
      const item = parkedItem(run, { op: 'undo', entry, error: tried.error, possible: ['retry'] });
      await park(run, item, { mayContinue: false });
    }
  });
}

/** Fences what an operator has resolved, and records it. Returns whether that succeeded. */
export async function resolveByHand(
  run: SagaRun,
  op: StepOp,
  entry: StackEntry,
  error: SagaError,
  command: Command,
): Promise<boolean> {
  const tried = await run.attempt('undo', entry, { by_hand: op });
  if ('error' in tried) {
    takeBack(run, command, `${entry.step} could not be fenced: ${tried.error.message}`);
    return false;
  }
  const { step, generation } = entry;
  const { by, reason } = command;
  run.note({ event: 'resolved', step, generation, op, by, reason });
  const list = op === 'do' ? run.data.errors.execution : run.data.errors.compensation;
  run.resolve(error, command);
  list.push(error);
  return true;
}
