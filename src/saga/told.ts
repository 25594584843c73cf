import type { HistoryEvent } from './fold-steps.ts';
import { firstValue } from './lenient-payloads.ts';
import { type Stretch, stretchSchema, type ToldStep } from './stretch.ts';

/** What an event of a saga's history tells of the steps of a stretch; nothing when it is no stretch's. */
export const toldBy = (event: HistoryEvent): ToldStep[] => stretchOf(event)?.told ?? [];

/** What a stretch answered; undefined when the event is no stretch's answer. */
export function stretchOf(event: HistoryEvent): Stretch | undefined {
  const local = isLocalStretch(event) ? event.markerRecordedEventAttributes?.details?.['result'] : undefined;
  const answer = firstValue(local ?? event.activityTaskCompletedEventAttributes?.result);
  return answer === undefined ? undefined : stretchSchema.safeParse(answer).data;
}

/** A saga runs no other local activity than its first stretch; the SDK's core records it so. */
export const isLocalStretch = ({ markerRecordedEventAttributes: marker }: HistoryEvent) =>
  marker?.markerName === 'core_local_activity';
