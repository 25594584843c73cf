import { setTimeout as pause } from 'node:timers/promises';
import { milliseconds } from '../saga/duration.ts';
import { markAlerted, slowSince } from '../services/registry/slow-choreographies.ts';
import { raiseAlert } from './raise-alert.ts';
import type { Relaying } from './relay-events.ts';

const everyMs = 5_000;
const atOnce = 100;

/**
 * Tells somebody of each choreographed saga that compensates for longer than `after` (ISO 8601), once, and until then of
 * each time that it stands still for so long.
 */
export async function watchSlow(relaying: Relaying, after: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await look(relaying, after).catch((err: unknown) =>
      relaying.logger.warn({ err }, 'it cannot be seen now which sagas take too long'),
    );
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}

async function look(relaying: Relaying, after: string) {
  const { registry, now } = relaying;
  const since = new Date(now().getTime() - milliseconds(after));
  for (const late of await slowSince(registry, since, atOnce)) {
    await raiseAlert(relaying, late.compensatingSince ? 'compensating' : `standing-${late.seq}`, {
      saga_id: late.sagaId,
      step: late.step,
      op: late.compensatingSince ? 'undo' : 'do',
      error: `${late.compensatingSince ? 'unwinding' : 'nothing has happened'} for longer than ${after}`,
      since: (late.compensatingSince ?? late.at).toISOString(),
    });
    await markAlerted(registry, late.sagaId, late.seq);
  }
}
