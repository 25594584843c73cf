import { CancellationScope, patched, workflowInfo } from '@temporalio/workflow';
import type { StackEntry } from '../data.ts';
import { isSameStep, type StepId } from '../step.ts';
import { fail } from './cannot-go-on.ts';
import { canBeUndone, fencePivots, rememberedEntries, upkeep } from './left-behind.ts';
import { park, parkedSaga } from './parking.ts';
import type { SagaRun } from './run.ts';

/**
 * Whether a reset run must first query whether the steps of its history have been undone since. Each run has its own query: a
 * copied result was for another run. The patch marks where the copied history ends, which does not contain the query.
 */
export const mayBeUndone = ({ data }: SagaRun): boolean =>
  data.maybeUndone &&
  !data.committed &&
  patched(data.asked === 0 ? 'undone-before-reset' : `undone-before-reset ${data.asked + 1}`);

/** Throws `CannotGoOn` if a step was undone: later steps would build on effects that are gone. Branches share one query. */
export async function stopIfUndone(run: SagaRun): Promise<void> {
  run.undoneQuery ??= queryUndone(run).finally(() => {
    run.undoneQuery = undefined;
  });
  const undone = await run.undoneQuery;
  const gone = run.data.stack.find((entry) => undone.some((step) => isSameStep(step, entry)));
  if (gone) failAsUndone(run, gone.step);
}

async function queryUndone(run: SagaRun): Promise<StepId[]> {
  const { data, plan, id } = run;
  const found = await CancellationScope.nonCancellable(() => upkeep.findSaga(plan.type, id));
  const { undone = [], steps, askedBy } = found;
  const isNewest = ({ step, generation }: StepId) =>
    !steps.some((other) => other.step === step && other.generation > generation);
  data.undone = undone.filter(isNewest).map(({ step }) => step);
  data.asked += 1;
  data.maybeUndone = askedBy !== workflowInfo().runId;
  return undone;
}

/** Throws `CannotGoOn` for a step whose undo is in progress: the guard fences only what has been undone. */
export function stopIfBeingUndone(run: SagaRun, { step }: Pick<StackEntry, 'step'>) {
  if (run.data.undone.includes(step)) failAsUndone(run, step);
}

const failAsUndone = (run: SagaRun, step: string) =>
  fail(run, { type: 'fenced', message: `${step} was undone before the reset` });

/**
 * Before a reset run unwinds: puts the steps of the runs before the reset on the stack. If the pivot has committed, nothing
 * is undone, and an operator must resolve the saga.
 */
export async function recallEarlierRuns(run: SagaRun): Promise<'resolved by hand' | 'may be undone'> {
  const entries = rememberedEntries(run, await upkeep.findSaga(run.plan.type, run.id));
  const pivot = await fencePivots(run, entries);
  if (pivot) {
    await waitForResolve(run, pivot);
    return 'resolved by hand';
  }
  const known = (entry: StackEntry) => run.data.stack.some((other) => isSameStep(other, entry));
  run.data.stack.push(...entries.filter(canBeUndone(run)).filter((entry) => !known(entry)));
  return 'may be undone';
}

/**
 * Before a saga unwinds: an unrecorded inline run may have done steps that are not on the stack. Unless it has committed
 * the pivot, they are pushed on the stack.
 */
export async function settleUnrecorded(run: SagaRun): Promise<'committed' | 'may be undone'> {
  const { data } = run;
  if (data.unrecorded.length === 0) return 'may be undone';
  const entries = unrecordedEntries(run);
  return CancellationScope.nonCancellable(async () => {
    const pivot = await fencePivots(run, entries);
    if (pivot) {
      run.commit();
      return 'committed';
    }
    data.stack.push(...entries.filter(canBeUndone(run)));
    data.unrecorded = [];
    return 'may be undone';
  });
}

/** Steps that may have run without being recorded. */
function unrecordedEntries({ data, plan }: SagaRun): StackEntry[] {
  const possible = plan.steps.filter(
    ({ name, service }) => data.unrecorded.includes(service) && data.counts[name] === undefined,
  );
  return possible.map(({ name, service }, index) => ({
    service,
    step: name,
    generation: 1,
    position: data.position + index,
  }));
}

/**
 * Before a correction undoes a step: fences the pivots that this run does not know of. They run as their next generation.
 * Returns the one that has committed: then nothing may be undone.
 */
export async function fencePivotsBeforeCorrection(run: SagaRun): Promise<StackEntry | undefined> {
  const { data, plan, id } = run;
  if (data.committed) return undefined;
  return CancellationScope.nonCancellable(async () => {
    const entries: StackEntry[] = [];
    if (data.unrecorded.length > 0) entries.push(...unrecordedEntries(run));
    // The copied history of a correction does not contain this query.
    if (data.reset && patched('pivot-before-correction-after-reset'))
      entries.push(...rememberedEntries(run, await upkeep.findSaga(plan.type, id)));
    const pivots = entries.filter(({ step }) => run.contractOf(step).pivot);
    const committed = await fencePivots(run, pivots);
    if (committed) run.commit();
    else if (pivots.length > 0) {
      data.fenced.push(...pivots.map(({ step, generation }) => ({ step, generation })));
      // Inline runs know generation 1 only, so placement ends here.
      data.placement = [];
    }
    return committed;
  });
}

/** The pivot has committed, so nothing may be undone, and this run cannot go forward. */
async function waitForResolve(run: SagaRun, { step }: StackEntry): Promise<void> {
  run.commit();
  const message = `${step} has committed: nothing is undone`;
  const error = run.record({ type: 'failed', message });
  const item = parkedSaga(error, ['resolve']);
  const command = await park(run, item, { mayContinue: false });
  item.refusal = null;
  run.resolve(error, command);
}
