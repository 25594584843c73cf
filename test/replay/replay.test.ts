import { expect, inject, test } from 'vitest';
import { workflowId } from '../../src/saga/state.ts';
import { contractNamed } from '../../src/saga/step.ts';
import * as sagas from '../../src/workflows/sagas.ts';
import { readRecorded, recordedFiles, recordedInputs, replayRecorded, wayNames } from './recorded.ts';

test('every way that a saga can go is recorded', () => {
  expect(recordedFiles().toSorted()).toEqual(wayNames.map((name) => `${name}.json`).toSorted());
});

test('every type of saga has a recorded way', () => {
  const recorded = recordedFiles().map((file) => readRecorded(file).workflowId);
  const missing = Object.keys(sagas).filter(
    (type) => !recorded.some((id) => id === workflowId(type, id.slice(-36))),
  );
  const whatToDo =
    "Add a way to wayNames (recorded.ts) and to record.ts, in test/replay, then: npm run record -- -t '^name of the way$'";
  expect(missing, whatToDo).toEqual([]);
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
