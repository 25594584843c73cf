import { expect, inject, test } from 'vitest';
import { readRecorded, recordedFiles, replayRecorded, wayNames } from './recorded.ts';

test('every way that a saga can go is recorded', () => {
  expect(recordedFiles().toSorted()).toEqual(wayNames.map((name) => `${name}.json`).toSorted());
});

test.each(recordedFiles())('the code still replays %s', async (file) => {
  expect(await replayRecorded(file, inject('workflowBundle'))).toBe('replayed');
});

test('a saga costs seven events a step, and six: a budget that docs/architecture.md states', () => {
  expect(readRecorded('rehearsal.json').events).toBe(3 * 7 + 6);
  expect(readRecorded('granted.json').events).toBe(8 * 7 + 6);
});
