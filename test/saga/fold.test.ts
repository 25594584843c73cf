import { temporal } from '@temporalio/proto';
import { expect, test } from 'vitest';
import { SagaFold } from '../../src/saga/fold/fold.ts';
import { payloadConverter } from '../../src/saga/lenient-payloads.ts';
import { type Note, noteKey } from '../../src/saga/note.ts';

const { HistoryEvent } = temporal.api.history.v1;

const scheduled = (eventId: number, activityId: string) =>
  HistoryEvent.fromObject({ eventId, activityTaskScheduledEventAttributes: { activityId } });
const completed = (scheduledEventId: number) =>
  HistoryEvent.fromObject({ activityTaskCompletedEventAttributes: { scheduledEventId } });
const refused = (scheduledEventId: number) => {
  const failure = { message: 'no', applicationFailureInfo: { type: 'refused' } };
  return HistoryEvent.fromObject({ activityTaskFailedEventAttributes: { scheduledEventId, failure } });
};
const noted = (note: Note) => {
  const upsertedMemo = { fields: { [noteKey]: payloadConverter.toPayload(note) } };
  return HistoryEvent.fromObject({ workflowPropertiesModifiedEventAttributes: { upsertedMemo } });
};
const compensated = HistoryEvent.fromObject({
  workflowExecutionFailedEventAttributes: {
    failure: { applicationFailureInfo: { type: 'SagaCompensated' } },
  },
});
const terminated = HistoryEvent.fromObject({ workflowExecutionTerminatedEventAttributes: {} });

function folded(...events: temporal.api.history.v1.HistoryEvent[]): SagaFold {
  const fold = new SagaFold();
  for (const event of events) fold.apply(event);
  return fold;
}

test.each<[string, (fold: SagaFold) => void]>([
  ['continued as new', (fold) => fold.enterRun()],
  ['was reset to its start', (fold) => fold.enterReset(new SagaFold())],
  ['has an unwinder', (fold) => fold.enterUnwinder()],
])('when a saga %s, an event is of the activity with its number in the new history', (_, enter) => {
  const fold = folded(scheduled(5, 'do:book-loan@1'), completed(5));
  const { timeline } = fold.snapshot();
  enter(fold);
  fold.apply(scheduled(5, 'no step'));
  fold.apply(refused(5));
  expect(fold.snapshot().timeline).toEqual(timeline);
});

test('a correction after the point of a reset has not been made: the error before it counts again', () => {
  const failed = [scheduled(5, 'do:book-loan@1'), refused(5)];
  const fold = folded(...failed, scheduled(9, 'do:book-loan@2'), completed(9));
  expect(fold.snapshot().errors.execution).toEqual([]);
  fold.enterReset(folded(...failed));
  expect(fold.snapshot().errors.execution).toMatchObject([{ step: 'book-loan', message: 'no' }]);
});

test('an error after the point of a reset has not happened, while what happened stays on the timeline', () => {
  const begun = scheduled(5, 'do:book-loan@1');
  const fold = folded(begun, refused(5));
  fold.enterReset(folded(begun));
  const { errors, timeline } = fold.snapshot();
  expect(errors.execution).toEqual([]);
  expect(timeline).toMatchObject([{ step: 'book-loan', status: 'refused' }]);
});

test('a command after the point of a reset was not given: it resolves no error', () => {
  const error = { step: null, op: null, type: 'deadline', message: 'late', attempts: 0, at: '' } as const;
  const resolve = { action: 'resolve', step: null, by: 'olga', reason: 'seen to' } as const;
  const fold = folded(noted({ event: 'operator', ...resolve }));
  fold.enterReset(new SagaFold());
  for (const event of [noted({ event: 'error', error }), compensated]) fold.apply(event);
  expect(fold.snapshot().errors.execution).toEqual([error]);
});

test('what a run did after a reset stays on the timeline when that run is reset, too', () => {
  const begun = scheduled(5, 'do:book-loan@1');
  const statuses = () => fold.snapshot().timeline.map((entry) => 'status' in entry && entry.status);
  const fold = folded(begun, terminated);
  expect(statuses()).toEqual(['failed']);
  fold.enterReset(folded(begun));
  expect(statuses()).toEqual(['running']);
  for (const event of [completed(5), terminated]) fold.apply(event);
  fold.enterReset(folded(begun));
  expect(statuses()).toEqual(['done']);
});

test('the error of a compensation stays when the corrected step is undone in turn', () => {
  const first = [scheduled(5, 'undo:book-loan@1'), refused(5)];
  const fold = folded(...first, scheduled(9, 'undo:book-loan@2'), completed(9));
  expect(fold.snapshot().errors.compensation).toMatchObject([{ step: 'book-loan', message: 'no' }]);
});
