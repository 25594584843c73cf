import { expect, test } from 'vitest';
import { freshData } from '../../src/saga/data.ts';

test('what a run takes over from an older version lacks newer fields: they are as at a start', () => {
  const { placement, unrecorded, ...older } = { ...freshData(), position: 3, counts: { red: 3 } };
  expect(freshData(older)).toEqual({ ...freshData(), ...older });
  expect(freshData(older)).toMatchObject({ position: 3, placement, unrecorded });
});

test('two runs share nothing', () => {
  const [one, other] = [freshData(), freshData()];
  one.errors.execution.push({ step: null, op: null, type: 'failed', message: '', attempts: 1, at: '' });
  expect(other).toEqual(freshData());
});
