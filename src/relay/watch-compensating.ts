import { setTimeout as pause } from 'node:timers/promises';
import { milliseconds } from '../saga/duration.ts';
import { compensatingSince, markAlerted } from '../services/registry/compensating.ts';
import { raiseAlert } from './raise-alert.ts';
import type { Relaying } from './relay-events.ts';

const everyMs = 5_000;
const atOnce = 100;

/** Tells somebody, once, of each choreographed saga that compensates for longer than `after` (ISO 8601 duration). */
export async function watchCompensating(
  relaying: Relaying,
  after: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await look(relaying, after).catch((err: unknown) =>
      relaying.logger.warn({ err }, 'it cannot be seen now who compensates for too long'),
    );
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}

async function look({ registry, temporal, sagaLink, now }: Relaying, after: string) {
  const since = new Date(now().getTime() - milliseconds(after));
  for (const late of await compensatingSince(registry, since, atOnce)) {
    await raiseAlert(temporal, 'compensating', {
      saga_id: late.sagaId,
      type: 'purchase',
      step: late.step,
      op: 'undo',
      error: `unwinding for longer than ${after}`,
      since: (late.since ?? since).toISOString(),
      link: sagaLink(late.sagaId),
    });
    await markAlerted(registry, late.sagaId);
  }
}
