import type { Logger } from 'pino';
import { isEnded } from '../saga/state.ts';
import type { Update } from '../saga/timeline.ts';
import { sagaChannel } from '../services/registry/channels.ts';
import { type PurchaseSources, readPurchase } from './read-purchase.ts';
import { nothingShown, updatesSince } from './updates-since.ts';

const pollIntervalMs = 5_000;

/** Yields the timeline updates of a choreographed saga from its first event to its end. Survives outages. */
export async function* followEvents(
  { logger, ...sources }: PurchaseSources & { logger: Logger },
  sagaId: string,
  signal: AbortSignal,
): AsyncGenerator<Update[]> {
  const listener = sources.registry.listen(sagaChannel);
  let shown = nothingShown;
  while (!signal.aborted) {
    const notified = listener.notified({ withinMs: pollIntervalMs, topic: sagaId, signal });
    const read = await readPurchase(sources, sagaId).catch((err: unknown) => {
      logger.warn({ err, saga: sagaId }, 'the events of a saga cannot be read now: retrying');
      return undefined;
    });
    if (read) {
      const { updates, shown: now } = updatesSince(shown, read);
      shown = now;
      if (updates.length > 0) yield updates;
      if (shown.state && isEnded(shown.state)) return;
    }
    await notified;
  }
}
