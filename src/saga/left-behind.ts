import { CancellationScope, patched, proxyActivities } from '@temporalio/workflow';
import type { AlertActivities } from './alert.ts';
import type { OperatorAction, Parked, StackEntry } from './data.ts';
import type { SagaError } from './errors.ts';
import { fail } from './forward.ts';
import type { SagaRun } from './run.ts';
import { fencePivot, resolutionOf } from './settle.ts';

/** What Temporal's histories tell of a saga, of all its runs together. */
export interface FoundSaga {
  /** How the newest run stands; `gone`: past Temporal's retention. */
  status: 'open' | 'ended' | 'terminated' | 'timed-out' | 'gone';
  /** Who or what ended it, as far as that is known. */
  reason: string;
  /** Every step that was scheduled, in whatever run and generation. */
  steps: Pick<StackEntry, 'step' | 'generation' | 'position'>[];
  /** The services of whose steps any may have been done that no history tells of; absent: none. */
  unrecorded?: string[];
  /** A run before those that are told of was past the pivot. */
  committed?: boolean;
  /** Every step whose undo was begun, in whatever run, or by the unwinder. */
  undone?: Pick<StackEntry, 'step' | 'generation'>[];
}

/** What the kernel asks of the outside: to be registered with the workers of the sagas' task queue. */
export interface UpkeepActivities extends AlertActivities {
  findSaga(type: string, sagaId: string): Promise<FoundSaga>;
  /**
   * Starts an unwinder for each saga that was terminated or timed out, those before `since` (RFC 3339) apart.
   * Answers the `since` of the next call.
   */
  startUnwinders(since: string | null): Promise<string>;
}

export const upkeep = proxyActivities<Pick<UpkeepActivities, 'findSaga'>>({
  startToCloseTimeout: '1 minute',
  retry: { maximumInterval: '10 seconds' },
});

/** What was told of the steps counts on: Temporal may forget it. */
export function remember({ data, plan }: SagaRun, { steps, unrecorded = [] }: FoundSaga) {
  const isNew = ({ step, generation }: FoundSaga['steps'][number]) =>
    !data.found.some((known) => known.step === step && known.generation === generation);
  data.found.push(...steps.filter(isNew));
  const next = Math.max(-1, ...data.found.map(({ position }) => position)) + 1;
  const possible = plan.steps.filter(({ service }) => unrecorded.includes(service));
  data.found.push(
    ...possible.map(({ name }, i) => ({ step: name, generation: 1, position: next + i })).filter(isNew),
  );
}

/** Everything that may have been done; where nothing is left to tell, every step that there is. */
export function entriesOf(run: SagaRun, saga: FoundSaga): StackEntry[] {
  remember(run, saga);
  const { found } = run.data;
  const every = run.plan.steps.map(({ name }, position) => ({ step: name, generation: 1, position }));
  const steps = saga.status === 'gone' && found.length === 0 ? every : found;
  return steps.map((entry) => ({ ...entry, service: run.contractOf(entry.step).service }));
}

/** The first pivot that has committed; the others are fenced. */
export async function committedPivot(run: SagaRun, entries: StackEntry[]): Promise<StackEntry | undefined> {
  for (const entry of entries)
    if (run.contractOf(entry.step).pivot && (await fencePivot(run, entry))) return entry;
  return undefined;
}

export const canBeUndone = (run: SagaRun) => (entry: StackEntry) => {
  const { compensation, pivot } = run.contractOf(entry.step);
  return compensation !== null && !pivot;
};

/** The saga as a whole, parked. */
export const parkedSaga = (error: SagaError, possible: OperatorAction[]): Parked => ({
  step: null,
  op: null,
  generation: 0,
  error,
  possible,
});

/** Whether a run that goes on must ask first if what its history says was done has been undone since. */
export const mayBeUndone = ({ data }: SagaRun): boolean =>
  data.maybeUndone && !data.committed && patched('undone-before-reset');

/** Throws `CannotGoOn` if so: what comes next would build on effects that are gone. */
export async function stopIfUndone(run: SagaRun): Promise<void> {
  const { data, plan, id } = run;
  data.maybeUndone = false;
  const { undone = [] } = await CancellationScope.nonCancellable(() => upkeep.findSaga(plan.type, id));
  const isUndone = ({ step, generation }: StackEntry) =>
    undone.some((known) => known.step === step && known.generation === generation);
  const gone = data.stack.find(isUndone);
  if (gone) fail(run, { type: 'fenced', message: `${gone.step} was undone before the reset` });
}

/** Puts on the stack what a run before a reset has done and this one does not know of. */
export async function recallEarlierRuns(run: SagaRun): Promise<void> {
  const entries = entriesOf(run, await upkeep.findSaga(run.plan.type, run.id));
  const pivot = await committedPivot(run, entries);
  if (pivot) return waitForResolve(run, pivot);
  const known = (entry: StackEntry) =>
    run.data.stack.some(({ step, generation }) => step === entry.step && generation === entry.generation);
  run.data.stack.push(...entries.filter(canBeUndone(run)).filter((entry) => !known(entry)));
}

/**
 * Before a saga that was stopped unwinds: a stretch that nobody told of may have done what is not on the stack. Answers
 * whether its pivot has committed, so that there is only forward; else everything it may have done is to be undone.
 */
export async function hasCommittedUnrecorded(run: SagaRun): Promise<boolean> {
  const { data, plan } = run;
  if (data.committed || data.unrecorded.length === 0) return false;
  const possible = plan.steps.filter(
    ({ name, service }) => data.unrecorded.includes(service) && data.counts[name] === undefined,
  );
  const entries = possible.map(({ name: step, service }, index) => ({
    ...{ service, step, generation: 1, position: data.position + index },
  }));
  return CancellationScope.nonCancellable(async () => {
    data.committed = (await committedPivot(run, entries)) !== undefined;
    data.stack = data.committed ? [] : [...data.stack, ...entries.filter(canBeUndone(run))];
    data.unrecorded = [];
    return data.committed;
  });
}

/** Nothing may be undone behind a pivot, and nothing leads forward from here. */
async function waitForResolve(run: SagaRun, { step }: StackEntry): Promise<void> {
  const message = `${step} has committed in a run before the reset: nothing is undone`;
  const error = run.record({ type: 'failed', message });
  const item = parkedSaga(error, ['resolve']);
  const order = await run.park(item, { mayContinue: false });
  item.refusal = null;
  error.resolved = resolutionOf(order);
  run.data.resolved = true;
  run.data.stack = [];
}
