import { temporal } from '@temporalio/proto';
import { expect, test } from 'vitest';
import { chaptersOf, foldChapters } from '../../src/history/chapters.ts';

const events = [
  { eventId: 5, activityTaskScheduledEventAttributes: { activityId: 'do:book-loan@1' } },
  { activityTaskCompletedEventAttributes: { scheduledEventId: 5 } },
  { workflowTaskFailedEventAttributes: { newRunId: 'new' } },
].map((event) => temporal.api.history.v1.HistoryEvent.fromObject(event));
const reset = {
  workflowId: 'saga',
  runId: 'new',
  events,
  continues: undefined,
  base: 'old',
  copied: 2,
  since: 1,
};
const base = { ...reset, runId: 'old', base: undefined, copied: 0, since: 0 };

test.each([
  ['kept', [base, reset]],
  ['no longer kept', [reset]],
])('of a run whose base is %s, what it has copied is told', (_, runs) => {
  const { timeline } = foldChapters(chaptersOf({ runs })).snapshot();
  expect(timeline).toMatchObject([{ step: 'book-loan', status: 'done' }]);
});

test('of a reset run, what was known is what its base knew, though an earlier run used the same numbers', () => {
  const none = { eventId: 5, activityTaskScheduledEventAttributes: { activityId: 'no step' } };
  const failed = { activityTaskFailedEventAttributes: { scheduledEventId: 5, failure: { message: 'no' } } };
  const copied = [none, failed].map((event) => temporal.api.history.v1.HistoryEvent.fromObject(event));
  const first = { ...base, runId: 'first', events: events.slice(0, 2) };
  const runs = [first, ...[base, reset].map((run) => ({ ...run, continues: 'first', events: copied }))];
  const { errors, timeline } = foldChapters(chaptersOf({ runs })).snapshot();
  expect(errors.execution).toEqual([]);
  expect(timeline).toMatchObject([{ step: 'book-loan', status: 'done' }]);
});
