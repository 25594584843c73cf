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
