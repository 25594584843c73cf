import type { Logger } from 'pino';
import type { Database } from '../guard/database.ts';
import { isEnded, type SagaState } from '../saga/state.ts';
import type { Update } from '../saga/timeline.ts';
import { sagaChannel } from '../services/registry/channels.ts';
import { readEvents } from '../services/registry/read-events.ts';
import { snapshotOf, tell } from './fold.ts';

const lookEveryMs = 5_000;

/** What happens to a choreographed saga from its first event to its end, as it becomes known. Outlives outages. */
export async function* followEvents(
  { registry, logger }: { registry: Database; logger: Logger },
  sagaId: string,
  signal: AbortSignal,
): AsyncGenerator<Update[]> {
  const bell = registry.listen(sagaChannel);
  let told = 0;
  let shown: SagaState | undefined;
  /** After so many attempts what is tried last was told as parked. */
  let parked: number | undefined;
  while (!signal.aborted) {
    const rung = bell.next({ withinMs: lookEveryMs, topic: sagaId, signal });
    const read = await readEvents(registry, sagaId).catch((err: unknown) => {
      logger.warn({ err, saga: sagaId }, 'the events of a saga cannot be read now: it is tried again');
      return undefined;
    });
    if (read) {
      const updates: Update[] = [];
      const change = (state: SagaState) => {
        if (state === shown) return undefined;
        shown = state;
        return state;
      };
      for (const { seq, entry, state } of tell(read.events)) {
        if (seq <= told) continue;
        told = seq;
        parked = undefined;
        updates.push({ seq, entry, state: change(state) });
      }
      const { state, timeline } = snapshotOf(read.events, read.trouble);
      const last = timeline.at(-1);
      const tried = last && !('event' in last) ? last : undefined;
      const isParked = tried?.status === 'parked' ? tried.attempt : undefined;
      if (tried && isParked !== parked)
        updates.push({ seq: told + 1, entry: { ...tried, seq: told + 1 }, state: change(state) });
      parked = isParked;
      const changed = change(state);
      if (changed) updates.push({ seq: told, state: changed });
      if (updates.length > 0) yield updates;
      if (isEnded(state)) return;
    }
    await rung;
  }
}
