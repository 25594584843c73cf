import type { Logger } from 'pino';
import { isEnded, type SagaState } from '../saga/state.ts';
import type { Update } from '../saga/timeline.ts';
import { sagaChannel } from '../services/registry/channels.ts';
import { snapshotOf, timelineOf } from './fold.ts';
import { type PurchaseSources, readPurchase } from './read-purchase.ts';

const pollIntervalMs = 5_000;

/** Yields the timeline updates of a choreographed saga from its first event to its end. Survives outages. */
export async function* followEvents(
  { logger, ...sources }: PurchaseSources & { logger: Logger },
  sagaId: string,
  signal: AbortSignal,
): AsyncGenerator<Update[]> {
  const listener = sources.registry.listen(sagaChannel);
  let last = 0;
  let shown: SagaState | undefined;
  /** When what is shown as parked was parked. */
  let shownParkedAt: string | null = null;
  while (!signal.aborted) {
    const notified = listener.notified({ withinMs: pollIntervalMs, topic: sagaId, signal });
    const read = await readPurchase(sources, sagaId).catch((err: unknown) => {
      logger.warn({ err, saga: sagaId }, 'the events of a saga cannot be read now: retrying');
      return undefined;
    });
    if (read) {
      const updates: Update[] = [];
      const change = (state: SagaState) => {
        if (state === shown) return undefined;
        shown = state;
        return state;
      };
      const isFirst = last === 0;
      for (const { seq, entry, state } of timelineOf(read.events)) {
        if (seq <= last) continue;
        last = seq;
        shownParkedAt = null;
        updates.push({ seq, entry, state: change(state) });
      }
      const { state, timeline } = snapshotOf(read.events, read.trouble);
      const newest = timeline.at(-1);
      const troubled = newest && !('event' in newest) && newest.seq > last ? newest : undefined;
      const parkedAt = troubled?.finished_at ?? null;
      const hasChanged = parkedAt !== shownParkedAt;
      // On the first read: a client that saw it parked may have missed its release.
      if (troubled && (hasChanged || isFirst)) {
        shown = state;
        const repeatsSeq = hasChanged ? 'always' : 'on-resume';
        updates.push({ seq: troubled.seq, entry: troubled, state, repeatsSeq });
      }
      shownParkedAt = parkedAt;
      const changed = change(state);
      if (changed) updates.push({ seq: last, state: changed });
      if (updates.length > 0) yield updates;
      if (isEnded(state)) return;
    }
    await notified;
  }
}
