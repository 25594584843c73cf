import type { Client } from '@temporalio/client';
import { closedSince } from '../history/closed-since.ts';
import { listRuns } from '../history/list-runs.ts';
import { standings } from '../history/newest-runs.ts';
import type { EndedSagas } from '../saga/activities.ts';
import { isEnded } from '../saga/state.ts';

/** The server's maximum: it allows few such calls per second. */
const pageSize = 1_000;
const lagMs = 60_000;

/** Sagas that ended at `since` or later and have not been reset since. */
export async function endedSagas(
  temporal: Client,
  since: string | null,
  page: string | null,
): Promise<EndedSagas> {
  const query = [
    'SagaType is not null',
    'ExecutionStatus not in ("Running", "ContinuedAsNew", "Terminated", "TimedOut")',
    ...closedSince(since, lagMs),
  ].join(' and ');
  const token = page === null ? undefined : Buffer.from(page, 'base64');
  const { runs, nextPageToken } = await listRuns(temporal, query, { pageSize, token });
  const standing = await standings(temporal, runs);
  const ended = [...standing].filter(([, { state }]) => isEnded(state));
  return {
    sagaIds: ended.map(([sagaId]) => sagaId),
    next: nextPageToken ? Buffer.from(nextPageToken).toString('base64') : null,
  };
}
