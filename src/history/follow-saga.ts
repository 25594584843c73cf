import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { SagaName } from '../saga/state.ts';
import type { Update } from '../saga/timeline.ts';
import { SagaFollower } from './follower.ts';

const longestPauseMs = 5_000;
/** After about six seconds; shorter outages are not logged. */
const failuresToLog = 5;

/**
 * The updates of a saga from its first event to its end, in batches; empty if Temporal does not know the saga. Survives
 * outages.
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
      if (failures === failuresToLog)
        logger.warn({ err, saga: saga.sagaId }, 'a saga cannot be followed now; retrying');
      await pause(Math.min(longestPauseMs, 100 * 2 ** failures), undefined, { signal }).catch(() => {});
    }
  }
}
