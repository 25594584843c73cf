import { expect, inject, test } from 'vitest';
import { contractNamed } from '../../src/saga/step.ts';
import * as sagas from '../../src/workflows/sagas.ts';
import { readRecorded, recordedFiles, recordedInputs, replayRecorded, wayNames } from './recorded.ts';

test('every way that a saga can go is recorded', () => {
  expect(recordedFiles().toSorted()).toEqual(wayNames.map((name) => `${name}.json`).toSorted());
});

test.each(recordedFiles())('the code still replays %s', async (file) => {
  expect(await replayRecorded(file, inject('workflowBundle'))).toBe('replayed');
});

test('every step still takes the inputs that older sagas recorded: a service would refuse others', () => {
  const steps = Object.values(sagas).flatMap(({ definition }) => definition.steps);
  const recorded = recordedFiles().flatMap(recordedInputs);
  expect(recorded).not.toEqual([]);
  for (const { step, input } of recorded)
    expect(contractNamed(steps, step).input.safeParse(input).error, step).toBeUndefined();
});

test('a saga costs seven events a step, and six: a budget that docs/architecture.md states', () => {
  expect(readRecorded('rehearsal.json').events).toBe(3 * 7 + 6);
  expect(readRecorded('granted.json').events).toBe(8 * 7 + 6);
});
