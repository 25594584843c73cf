import { proxyActivities } from '@temporalio/workflow';
import type { AlertActivities } from './alert.ts';
import type { FoundStep, OperatorAction, Parked, StackEntry } from './data.ts';
import type { SagaError } from './errors.ts';
import type { SagaRun } from './run.ts';
import { fencePivot } from './settle.ts';
import { isSameStep, type StepId } from './step.ts';

/** What Temporal's histories tell of a saga, of all its runs together. */
export interface FoundSaga {
  /** How the newest run stands; `gone`: past Temporal's retention. */
  status: 'open' | 'ended' | 'terminated' | 'timed-out' | 'gone';
  /** Who or what ended it, as far as that is known. */
  reason: string;
  /** Every step that was scheduled, in whatever run and generation. */
  steps: FoundStep[];
  /** The services of whose steps any may have been done that no history tells of; absent: none. */
  unrecorded?: string[];
  /** A run before those that are told of was past the pivot. */
  committed?: boolean;
  /** Every step whose undo was begun, in whatever run, or is the unwinder's to undo. */
  undone?: StepId[];
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
  const isNew = (step: FoundStep) => !data.found.some((known) => isSameStep(known, step));
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
