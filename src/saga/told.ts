import type { temporal } from '@temporalio/proto';
import { payloadConverter } from './lenient-payloads.ts';
import { type Stretch, stretchSchema, type ToldStep } from './stretch.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** What an event of a saga's history tells of the steps of a stretch; nothing when it is no stretch's. */
export const toldBy = (event: HistoryEvent): ToldStep[] => stretchOf(event)?.told ?? [];

/** What a stretch answered; undefined when the event is no stretch's answer. */
export function stretchOf(event: HistoryEvent): Stretch | undefined {
  const local = isLocalStretch(event) ? event.markerRecordedEventAttributes?.details?.['result'] : undefined;
  const [payload] = (local ?? event.activityTaskCompletedEventAttributes?.result)?.payloads ?? [];
  return payload ? stretchSchema.safeParse(payloadConverter.fromPayload(payload)).data : undefined;
}

/** A saga runs no other local activity than its first stretch; the SDK's core records it so. */
export const isLocalStretch = ({ markerRecordedEventAttributes: marker }: HistoryEvent) =>
  marker?.markerName === 'core_local_activity';
