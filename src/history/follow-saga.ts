import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Update } from '../saga/timeline.ts';
import { SagaFollower } from './follower.ts';
import type { SagaName } from './saga-history.ts';

const longestPauseMs = 5_000;

/**
 * What happens to a saga from its first event to its end, in batches as it becomes known; nothing when Temporal knows
 * no such saga. Outlives outages.
 */
export async function* followSaga(
  client: Client,
  saga: SagaName,
  signal: AbortSignal,
): AsyncGenerator<Update[]> {
  const follower = new SagaFollower(client, saga);
  for (let failures = 0; !signal.aborted; ) {
    try {
      const { updates, ended } = await follower.next(signal);
      failures = 0;
      if (updates.length > 0) yield updates;
      if (ended) return;
    } catch {
      failures += 1;
      await pause(Math.min(longestPauseMs, 100 * 2 ** failures), undefined, { signal }).catch(() => {});
    }
  }
}
