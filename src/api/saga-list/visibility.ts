import type { Client } from '@temporalio/client';
import { type ListedRun, listRuns, unwinderType } from '../../history/list-runs.ts';
import { standings } from '../../history/newest-runs.ts';
import type { SagaName, SagaState } from '../../saga/state.ts';
import type { ListedSaga } from '../sagas/schemas.ts';
import { askTemporal } from '../temporal.ts';

export interface SagaFilter {
  type?: string | undefined;
  state?: SagaState | undefined;
  step?: string | undefined;
}

/** `at` is where a saga stands in the order of a search: the start of an open saga, the end of an ended one. */
export interface Candidate {
  saga: ListedSaga;
  at: Date;
}

/** `index`: of its run on the page, which also has runs that do not count. */
export type FoundRun = Candidate & { index: number };

export interface SagaPage {
  found: FoundRun[];
  /** Undefined on the last page. */
  nextPageToken: Uint8Array | undefined;
}

/** Open sagas first, newest start first; then ended ones, last end first. */
export function searchSagas(
  client: Client,
  query: string,
  page: { limit: number; token: Uint8Array | undefined },
): Promise<SagaPage> {
  return askTemporal(client, async () => {
    const { runs, nextPageToken } = await listRuns(client, query, {
      pageSize: page.limit,
      token: page.token,
    });
    // A closed run may have been reset: then another run stands for the saga.
    const doubtful = runs.filter(({ isUnwinder, closedAt }) => isUnwinder || closedAt);
    const standing = await standings(client, doubtful);
    const found = runs.flatMap((run, index) => {
      const current = doubtful.includes(run) ? standing.get(run.sagaId) : run;
      if (current?.runId !== run.runId) return [];
      return { saga: listed(current), at: run.closedAt ?? run.startedAt, index };
    });
    return { found, nextPageToken };
  });
}

/** Orchestrated sagas by their ids; without those that Temporal does not know. */
export async function orchestratedById(client: Client, sagas: SagaName[]): Promise<Map<string, ListedSaga>> {
  const found = await askTemporal(client, () => standings(client, sagas));
  return new Map([...found].map(([sagaId, run]) => [sagaId, listed(run)]));
}

const listed = ({ sagaId, type, state, step, startedAt, closedAt }: ListedRun): ListedSaga => ({
  saga_id: sagaId,
  type,
  state,
  step,
  started_at: startedAt.toISOString(),
  ended_at: closedAt?.toISOString() ?? null,
});

const alive = 'ExecutionStatus != "Terminated" and ExecutionStatus != "TimedOut"';
const isUnwinder = `WorkflowType = "${unwinderType}"`;

/**
 * A query for sagas. The values must not contain quotes. For a saga that was terminated or timed out it finds the
 * unwinder.
 */
export function visibilityQuery({ type, state, step }: SagaFilter) {
  const inState = `(SagaState = "${state}" and ${alive})`;
  const orBroken = state === 'parked' ? ` or (${isUnwinder} and not (${alive}))` : '';
  return [
    type === undefined ? 'SagaType is not null' : `SagaType = "${type}"`,
    'ExecutionStatus != "ContinuedAsNew"',
    state === undefined ? `((${alive}) or ${isUnwinder})` : `(${inState}${orBroken})`,
    ...(step === undefined ? [] : [`SagaStep = "${step}"`]),
  ].join(' and ');
}
