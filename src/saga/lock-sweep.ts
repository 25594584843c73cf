import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';

/** Some of the sagas that have ended. */
export interface EndedSagas {
  sagaIds: string[];
  /** Where the next page begins; null on the last. */
  next: string | null;
}

/** What the workers of the sagas' task queue answer. */
export interface EndedSagasActivities {
  /** Sagas that ended at `since` (RFC 3339) or later: those that were terminated once their unwinder has ended. */
  endedSagas(since: string | null, page: string | null): Promise<EndedSagas>;
}

/** What each service answers whose rows sagas hold. */
export interface LockActivities {
  /** Frees what these sagas still hold. */
  releaseLocks(sagaIds: string[]): Promise<void>;
}

export interface LockSweepInput {
  /** The service's task queue. */
  service: string;
  everyMs: number;
  /** RFC 3339: what ended before has been seen. */
  since: string | null;
  /** A pass that is under way: when it began (RFC 3339), and what is its next page. */
  pass?: { began: string; page: string } | undefined;
}

const { endedSagas } = proxyActivities<EndedSagasActivities>({
  startToCloseTimeout: '1 minute',
  retry: { maximumInterval: '10 seconds' },
});

/** Runs for ever and frees what a saga held that ended without freeing it: one that was settled by hand. */
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
      const { sagaIds, next }: EndedSagas = await endedSagas(seen, page);
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
