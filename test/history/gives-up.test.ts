import { expect, test } from 'vitest';
import { givesUp } from '../../src/history/gives-up.ts';
import type { HistoryEvent } from '../../src/saga/history-event.ts';
import { payloadConverter } from '../../src/saga/lenient-payloads.ts';
import { noteKey, takenBack } from '../../src/saga/note.ts';
import { compensatingSinceKey } from '../../src/saga/state.ts';

const memo = (key: string, value: unknown): HistoryEvent => ({
  workflowPropertiesModifiedEventAttributes: {
    upsertedMemo: { fields: { [key]: payloadConverter.toPayload(value) } },
  },
});
const ordered = (action: string) =>
  memo(noteKey, { event: 'operator', action, step: null, by: 'olga', reason: 'fine' });
const ignored = (signal: string, why: string) =>
  memo(noteKey, { event: 'ignored-signal', signal, why, detail: 'the saga is open itself' });
const called = (call: object): HistoryEvent => ({
  activityTaskScheduledEventAttributes: { input: { payloads: [payloadConverter.toPayload(call)] } },
});

test.each<[string, HistoryEvent[], boolean]>([
  ['that waits for a command', [], false],
  ['that was ordered to compensate', [ordered('compensate')], true],
  ['whose order could not be carried out', [ordered('compensate'), ignored('compensate', takenBack)], false],
  ['that could not carry out another order', [ordered('compensate'), ignored('retry', takenBack)], true],
  [
    'that was ordered once more',
    [ordered('compensate'), ignored('compensate', takenBack), ordered('compensate')],
    true,
  ],
  [
    'that refuses a second order while the first is being carried out',
    [ordered('compensate'), ignored('compensate', 'not-possible')],
    true,
  ],
  [
    'that unwinds, and refuses a second order',
    [ordered('compensate'), memo(compensatingSinceKey, 'x'), ignored('compensate', 'not-possible')],
    true,
  ],
  ['that has begun to settle by hand', [ordered('resolve'), called({ by_hand: 'undo' })], true],
  ['that settles what is past its pivot', [ordered('resolve'), called({ by_hand: 'do' })], false],
])('a stand-in %s: whether all is its to undo', (_, events, expected) => {
  expect(givesUp(events)).toBe(expected);
});
