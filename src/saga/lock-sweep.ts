import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { EndedSagas, LockActivities, UpkeepActivities } from './activities.ts';

export const lockSweepWorkflowId = (service: string) => `sweep-locks-${service}`;

export interface LockSweepInput {
  /** The service's task queue. */
  service: string;
  everyMs: number;
  /** RFC 3339: sagas that ended before have been processed. */
  since: string | null;
  /** A pass in progress: when it began (RFC 3339), and its next page. */
  pass?: { began: string; page: string } | undefined;
}

const { endedSagas } = proxyActivities<Pick<UpkeepActivities, 'endedSagas'>>({
  startToCloseTimeout: '1 minute',
  retry: { maximumInterval: '10 seconds' },
});

const quarterMs = 15 * 60_000;
const quarterOf = (time: string) => Math.floor(Date.parse(time) / quarterMs);

/**
 * Where a pass begins. The first of each quarter of an hour reads the last half hour again, for what Temporal's index
 * shows late: a lock that is missed would never be released.
 */
function passSince(seen: string | null, began: string): string | null {
  if (seen === null || quarterOf(seen) === quarterOf(began)) return seen;
  return new Date((quarterOf(seen) - 1) * quarterMs).toISOString();
}

/** Runs forever and releases locks that a saga left behind, as one does that was resolved by hand. */
export async function sweepLocks({ service, everyMs, since, pass }: LockSweepInput): Promise<void> {
  const { releaseLocks } = proxyActivities<LockActivities>({
    taskQueue: service,
    startToCloseTimeout: '30 seconds',
    retry: { maximumInterval: '10 seconds' },
  });
  const goOn = (from: Pick<LockSweepInput, 'since' | 'pass'>) =>
    continueAsNew<typeof sweepLocks>({ service, everyMs, ...from });
  let seen = since;
  for (let underWay = pass; ; underWay = undefined) {
    const began = underWay?.began ?? new Date().toISOString();
    for (let page = underWay?.page ?? null; ; ) {
      const { sagaIds, next }: EndedSagas = await endedSagas(passSince(seen, began), page);
      if (sagaIds.length > 0) await releaseLocks(sagaIds);
      if (next === null) break;
      page = next;
      if (workflowInfo().continueAsNewSuggested) await goOn({ since: seen, pass: { began, page } });
    }
    seen = began;
    if (workflowInfo().continueAsNewSuggested) await goOn({ since: seen });
    await sleep(everyMs, { summary: 'Until the next sweep' });
  }
}
