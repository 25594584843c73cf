import { CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import type { Command, OperatorAction } from '../command.ts';
import { merged } from '../command.ts';
import type { OpenStep } from '../data.ts';
import type { SagaError } from '../errors.ts';
import { noResult } from '../step.ts';
import { CannotGoOn } from './cannot-go-on.ts';
import { park, parkedAt, parkedItem, takeBack } from './parking.ts';
import { fencePivotsBeforeCorrection } from './recall.ts';
import type { SagaRun, Tried } from './run.ts';
import { fencePivot, resolveByHand, undo } from './undo.ts';

/**
 * Runs a step until it has a result. Before the saga gives up, a correctable step is parked; past the pivot, every step
 * is. Throws `CannotGoOn`, or a cancellation.
 */
export async function runForward(run: SagaRun, open: OpenStep): Promise<unknown> {
  for (let error = parkedAt(run, 'do', open.entry)?.error; ; ) {
    stopIfCancelled(run);
    if (!error) {
      const tried = await tryOnce(run, open);
      if ('result' in tried) return tried.result;
      error = tried.error;
    }
    const command = await parkStep(run, open, error);
    if (command.action === 'retry') error = undefined;
    else if (command.action === 'correct') {
      const pivot = await fencePivotsBeforeCorrection(run);
      if (pivot)
        takeBack(run, command, `${pivot.step} has committed, so ${open.entry.step} is retried as it was`);
      else await correct(run, open, command);
      error = undefined;
    } else if (await resolveByHand(run, 'do', open.entry, error, command)) return {};
  }
}

/** A step that an inline run has started settles first. */
export function stopIfCancelled({ data }: SagaRun) {
  if (!data.committed && !data.open?.ahead && CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('the saga was stopped');
}

/** After a failure of the pivot an earlier attempt may still have committed: only the guard knows. */
async function tryOnce(run: SagaRun, open: OpenStep): Promise<Tried> {
  const { entry, input, ahead } = open;
  run.show('running', entry.step);
  const tried = ahead?.error ? { error: ahead.error } : await run.attempt('do', entry, { input });
  open.ahead = undefined;
  if (!run.contractOf(entry.step).pivot) return tried;
  const committed = 'result' in tried ? tried : await fencePivot(run, entry);
  if (committed) {
    run.commit();
    return committed;
  }
  run.drop(entry);
  return tried;
}

async function parkStep(run: SagaRun, open: OpenStep, error: SagaError): Promise<Command> {
  const { entry, input } = open;
  const possible = possibleFor(run, entry.step);
  if (possible.length === 0) return giveUp(run, error);
  const item = parkedItem(run, { op: 'do', entry, error, possible, input });
  const wait = () => park(run, item, { mayContinue: open === run.data.open });
  if (run.data.committed) return CancellationScope.nonCancellable(wait);
  const isStopping = CancellationScope.current().consideredCancelled;
  try {
    if (isStopping) throw new CancelledFailure('the saga was stopped');
    return await wait();
  } catch (failure) {
    if (isCancellation(failure)) run.data.errors.execution.push(error);
    throw failure;
  }
}

function possibleFor(run: SagaRun, step: string): OperatorAction[] {
  const { data, plan } = run;
  const { correctable, result } = run.contractOf(step);
  const isPastPivot = plan.steps.some(({ name, pivot }) => pivot && data.counts[name] !== undefined);
  // A pivot that was found committed builds on this step.
  const isFixed = data.committed && !isPastPivot;
  const isCorrectable = correctable.length > 0 && !isFixed;
  const correct: OperatorAction[] = isCorrectable ? ['correct'] : [];
  if (!data.committed) return correct.length > 0 ? ['retry', ...correct, 'compensate'] : [];
  return ['retry', ...correct, ...(result === noResult ? (['resolve'] as const) : [])];
}

function giveUp({ data }: SagaRun, error: SagaError): never {
  data.errors.execution.push(error);
  throw new CannotGoOn(error.message);
}

/** The old generation may have committed unnoticed: it is undone before the corrected one runs. */
async function correct(run: SagaRun, open: OpenStep, { input }: Command) {
  const old = open.entry;
  await CancellationScope.nonCancellable(() => undo(run, old, { mayContinue: false }));
  open.input = merged(open.input, input);
  open.entry = { ...old, generation: old.generation + 1 };
  if (!run.data.committed) run.data.stack.push(open.entry);
}
