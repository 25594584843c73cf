import { z } from 'zod';
import type { HistoryEvent } from '../saga/history-event.ts';
import { firstValue } from '../saga/lenient-payloads.ts';
import { noteOf, takenBack } from '../saga/note.ts';
import { compensatingSinceKey } from '../saga/state.ts';

const byHandSchema = z.object({ by_hand: z.literal('undo') });

/** Whether an unwinder undoes everything or is about to, or an operator resolves the saga. */
export function givesUp(events: HistoryEvent[]): boolean {
  let isOrdered = false;
  for (const event of events) {
    const memo = event.workflowPropertiesModifiedEventAttributes?.upsertedMemo?.fields;
    if (memo?.[compensatingSinceKey] || isSettledByHand(event)) return true;
    const note = noteOf(event);
    if (note?.event === 'operator' && note.action === 'compensate') isOrdered = true;
    if (note?.event === 'ignored-signal' && note.signal === 'compensate' && note.why === takenBack)
      isOrdered = false;
  }
  return isOrdered;
}

function isSettledByHand({ activityTaskScheduledEventAttributes: scheduled }: HistoryEvent): boolean {
  return byHandSchema.safeParse(firstValue(scheduled?.input)).success;
}
