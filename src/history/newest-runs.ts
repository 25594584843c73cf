import type { Client } from '@temporalio/client';
import type { SagaName } from '../saga/state.ts';
import { unwinderId, workflowId } from '../saga/state.ts';
import { type ListedRun, listRuns } from './list-runs.ts';

/** The maximum of a server. */
const pageSize = 1_000;

/** The newest run of each workflow of these ids, by id. */
export async function newestRuns(client: Client, workflowIds: string[]): Promise<Map<string, ListedRun>> {
  const newest = new Map<string, ListedRun>();
  if (workflowIds.length === 0) return newest;
  const ids = workflowIds.map((id) => `"${id}"`).join(', ');
  const query = `WorkflowId in (${ids}) and ExecutionStatus != "ContinuedAsNew"`;
  let token: Uint8Array | undefined;
  do {
    const { runs, nextPageToken } = await listRuns(client, query, { pageSize, token });
    // A run that was reset closed no later than the next one began.
    for (const run of runs) if (!newest.has(run.workflowId)) newest.set(run.workflowId, run);
    token = nextPageToken;
  } while (token);
  return newest;
}

/** The run that shows how each saga stands, by id: its newest, or its unwinder's if that was terminated or timed out. */
export async function standings(client: Client, sagas: SagaName[]): Promise<Map<string, ListedRun>> {
  const ids = sagas.flatMap(({ type, sagaId }) => [workflowId(type, sagaId), unwinderId(sagaId)]);
  const newest = await newestRuns(client, [...new Set(ids)]);
  const found = new Map<string, ListedRun>();
  for (const { type, sagaId } of sagas) {
    const run = newest.get(workflowId(type, sagaId));
    const unwinder = newest.get(unwinderId(sagaId));
    // An unwinder's id does not hold the type of its saga.
    const standsIn = unwinder?.type === type && (!run || (run.isLeftBehind && !isOver(unwinder, run)));
    const standing = standsIn ? unwinder : run;
    if (!standing) continue;
    const { startedAt } = run ?? standing;
    const parked = standing.isLeftBehind && ({ state: 'parked', closedAt: undefined } as const);
    found.set(sagaId, { ...standing, startedAt, ...parked });
  }
  return found;
}

/** It had ended before the saga was terminated, so it did not undo what the saga did since. */
export const isOver = (unwinder: ListedRun, { closedAt }: Pick<ListedRun, 'closedAt'>) =>
  unwinder.closedAt !== undefined && closedAt !== undefined && unwinder.closedAt < closedAt;
