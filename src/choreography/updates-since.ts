import type { SagaState } from '../saga/state.ts';
import type { Update } from '../saga/timeline.ts';
import { snapshotOf, timelineOf } from './fold.ts';
import type { PurchaseEvents } from './read-purchase.ts';

/** What a follower has been sent. */
interface Shown {
  /** Of the newest event; 0 for none. */
  seq: number;
  state: SagaState | undefined;
  /** When what is shown as parked was parked. */
  parkedAt: string | null;
}

export const nothingShown: Shown = { seq: 0, state: undefined, parkedAt: null };

/** What has changed since, and what has been sent with that. */
export function updatesSince(
  before: Shown,
  { events, trouble }: PurchaseEvents,
): { updates: Update[]; shown: Shown } {
  const shown = { ...before };
  const updates: Update[] = [];
  const change = (state: SagaState) => {
    if (state === shown.state) return undefined;
    shown.state = state;
    return state;
  };
  for (const { seq, entry, state } of timelineOf(events)) {
    if (seq <= shown.seq) continue;
    shown.seq = seq;
    shown.parkedAt = null;
    updates.push({ seq, entry, state: change(state) });
  }
  const { state, timeline } = snapshotOf(events, trouble);
  const newest = timeline.at(-1);
  const troubled = newest && !('event' in newest) && newest.seq > shown.seq ? newest : undefined;
  const parkedAt = troubled?.finished_at ?? null;
  const hasChanged = parkedAt !== shown.parkedAt;
  // On the first read: a client that saw it parked may have missed its release.
  if (troubled && (hasChanged || before.seq === 0)) {
    shown.state = state;
    updates.push({
      seq: troubled.seq,
      entry: troubled,
      state,
      repeatsSeq: hasChanged ? 'always' : 'on-resume',
    });
  }
  shown.parkedAt = parkedAt;
  const changed = change(state);
  if (changed) updates.push({ seq: shown.seq, state: changed });
  return { updates, shown };
}
