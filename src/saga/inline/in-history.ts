import type { HistoryEvent } from '../history-event.ts';
import { firstValue } from '../lenient-payloads.ts';
import { type InlineRun, type InlineStep, inlineRunSchema } from './inline-run.ts';

/** The steps that an event of a saga's history reports as run inline; empty for any other event. */
export const inlineStepsOf = (event: HistoryEvent): InlineStep[] => inlineRunOf(event)?.told ?? [];

/** The outcome of an inline run; undefined for any other event. */
export function inlineRunOf(event: HistoryEvent): InlineRun | undefined {
  const local = isLocalInlineRun(event)
    ? event.markerRecordedEventAttributes?.details?.['result']
    : undefined;
  const answer = firstValue(local ?? event.activityTaskCompletedEventAttributes?.result);
  return answer === undefined ? undefined : inlineRunSchema.safeParse(answer).data;
}

/** A saga's only local activity is its first inline run; the SDK's core records it so. */
export const isLocalInlineRun = ({ markerRecordedEventAttributes: marker }: HistoryEvent) =>
  marker?.markerName === 'core_local_activity';
