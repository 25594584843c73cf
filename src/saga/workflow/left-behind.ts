import { proxyActivities } from '@temporalio/workflow';
import type { FoundSaga, UpkeepActivities } from '../activities.ts';
import type { FoundStep, StackEntry } from '../data.ts';
import { isSameStep } from '../step.ts';
import type { SagaRun } from './run.ts';
import { fencePivot } from './undo.ts';

export const upkeep = proxyActivities<Pick<UpkeepActivities, 'findSaga'>>({
  startToCloseTimeout: '1 minute',
  retry: { maximumInterval: '10 seconds' },
});

/** Keeps the steps that were found: Temporal may delete the histories. */
export function remember({ data, plan }: SagaRun, { steps, unrecorded = [] }: FoundSaga) {
  const isNew = (step: FoundStep) => !data.found.some((known) => isSameStep(known, step));
  data.found.push(...steps.filter(isNew));
  const next = Math.max(-1, ...data.found.map(({ position }) => position)) + 1;
  const possible = plan.steps.filter(({ service }) => unrecorded.includes(service));
  data.found.push(
    ...possible.map(({ name }, i) => ({ step: name, generation: 1, position: next + i })).filter(isNew),
  );
}

/** Remembers what was found. Returns every step that may have run; every step of the plan if no history is left. */
export function rememberedEntries(run: SagaRun, saga: FoundSaga): StackEntry[] {
  remember(run, saga);
  const { found } = run.data;
  const every = run.plan.steps.map(({ name }, position) => ({ step: name, generation: 1, position }));
  const steps = saga.status === 'gone' && found.length === 0 ? every : found;
  return steps.map((entry) => ({ ...entry, service: run.contractOf(entry.step).service }));
}

/** Fences the pivots among the entries, up to the first one that has committed. Returns that one. */
export async function fencePivots(run: SagaRun, entries: StackEntry[]): Promise<StackEntry | undefined> {
  for (const entry of entries)
    if (run.contractOf(entry.step).pivot && (await fencePivot(run, entry))) return entry;
  return undefined;
}

export const canBeUndone = (run: SagaRun) => (entry: StackEntry) => {
  const { compensation, pivot } = run.contractOf(entry.step);
  return compensation !== null && !pivot;
};
