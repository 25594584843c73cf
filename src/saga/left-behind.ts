import { CancellationScope, patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { AlertActivities } from './alert.ts';
import type { OperatorAction, Parked, StackEntry } from './data.ts';
import type { SagaError } from './errors.ts';
import { fail } from './forward.ts';
import type { SagaRun } from './run.ts';
import { fencePivot, resolutionOf } from './settle.ts';

type Undone = Pick<StackEntry, 'step' | 'generation'>;

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
  /** Every step whose undo was begun, in whatever run, or is the unwinder's to undo. */
  undone?: Undone[];
  /** The run that was told. */
  askedBy?: string | undefined;
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

/**
 * Whether a run that goes on must ask first if what its history says was done has been undone since. What it copied of
 * another run's question does not count: each asks for itself.
 */
export const mayBeUndone = ({ data }: SagaRun): boolean =>
  data.maybeUndone &&
  !data.committed &&
  patched(data.asked === 0 ? 'undone-before-reset' : `undone-before-reset ${data.asked + 1}`);

/** Throws `CannotGoOn` if so: what comes next would build on effects that are gone. Branches ask together. */
export async function stopIfUndone(run: SagaRun): Promise<void> {
  run.asking ??= ask(run).finally(() => {
    run.asking = undefined;
  });
  const undone = await run.asking;
  const isUndone = ({ step, generation }: StackEntry) =>
    undone.some((known) => known.step === step && known.generation === generation);
  const gone = run.data.stack.find(isUndone);
  if (gone) failAsUndone(run, gone.step);
}

async function ask(run: SagaRun): Promise<Undone[]> {
  const { data, plan, id } = run;
  const found = await CancellationScope.nonCancellable(() => upkeep.findSaga(plan.type, id));
  const { undone = [], steps, askedBy } = found;
  const isNewest = ({ step, generation }: Undone) =>
    !steps.some((other) => other.step === step && other.generation > generation);
  data.undone = undone.filter(isNewest).map(({ step }) => step);
  data.asked += 1;
  data.maybeUndone = askedBy !== workflowInfo().runId;
  return undone;
}

/** Throws `CannotGoOn` for a step that somebody is undoing: the guard fences only what has been undone. */
export function stopIfBeingUndone(run: SagaRun, { step }: Pick<StackEntry, 'step'>) {
  if (run.data.undone.includes(step) && patched('not-done-anew')) failAsUndone(run, step);
}

const failAsUndone = (run: SagaRun, step: string) =>
  fail(run, { type: 'fenced', message: `${step} was undone before the reset` });

/**
 * Puts on the stack what a run before a reset has done and this one does not know of. Answers whether the pivot has
 * committed: then nothing is undone, and somebody has settled it by hand.
 */
export async function recallEarlierRuns(run: SagaRun): Promise<boolean> {
  const entries = entriesOf(run, await upkeep.findSaga(run.plan.type, run.id));
  const pivot = await committedPivot(run, entries);
  if (pivot) {
    await waitForResolve(run, pivot);
    return true;
  }
  const known = (entry: StackEntry) =>
    run.data.stack.some(({ step, generation }) => step === entry.step && generation === entry.generation);
  run.data.stack.push(...entries.filter(canBeUndone(run)).filter((entry) => !known(entry)));
  return false;
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
  run.data.committed = patched('not-given-up-behind-its-pivot');
  const message = `${step} has committed: nothing is undone`;
  const error = run.record({ type: 'failed', message });
  const item = parkedSaga(error, ['resolve']);
  const command = await run.park(item, { mayContinue: false });
  item.refusal = null;
  error.resolved = resolutionOf(command);
  run.data.resolved = true;
  run.data.stack = [];
}
