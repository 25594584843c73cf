import { setTimeout as pause } from 'node:timers/promises';
import { milliseconds } from '../saga/duration.ts';
import { markAlerted, slowSince } from '../services/registry/slow-choreographies.ts';
import { raiseAlert } from './raise-alert.ts';
import type { RelayContext } from './relay-events.ts';

const intervalMs = 5_000;
const batchSize = 100;

/**
 * Alerts, once, for each choreographed saga that compensates for longer than `after` (ISO 8601); before that, each time
 * it makes no progress for as long.
 */
export async function watchSlow(relay: RelayContext, after: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await look(relay, after).catch((err: unknown) =>
      relay.logger.warn({ err }, 'slow sagas cannot be read now'),
    );
    await pause(intervalMs, undefined, { signal }).catch(() => {});
  }
}

async function look(relay: RelayContext, after: string) {
  const { registry, now } = relay;
  const since = new Date(now().getTime() - milliseconds(after));
  for (const late of await slowSince(registry, since, batchSize)) {
    await raiseAlert(relay, late.compensatingSince ? 'compensating' : `standing-${late.seq}`, {
      saga_id: late.sagaId,
      step: late.step,
      op: late.compensatingSince ? 'undo' : 'do',
      error: `${late.compensatingSince ? 'unwinding' : 'nothing has happened'} for longer than ${after}`,
      since: (late.compensatingSince ?? late.at).toISOString(),
    });
    await markAlerted(registry, late.sagaId, late.seq);
  }
}
