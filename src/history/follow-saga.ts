import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Update } from '../saga/timeline.ts';
import { SagaFollower } from './follower.ts';
import type { SagaName } from './saga-history.ts';

const longestPauseMs = 5_000;
/** After some six seconds: shorter outages heal by themselves. */
const failuresToTell = 5;

/**
 * What happens to a saga from its first event to its end, in batches as it becomes known; nothing when Temporal knows
 * no such saga. Outlives outages.
 */
export async function* followSaga(
  { client, logger }: { client: Client; logger: Logger },
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
    } catch (err) {
      if (signal.aborted) return;
      failures += 1;
      if (failures === failuresToTell)
        logger.warn({ err, saga: saga.sagaId }, 'a saga cannot be followed now: it is tried again and again');
      await pause(Math.min(longestPauseMs, 100 * 2 ** failures), undefined, { signal }).catch(() => {});
    }
  }
}
