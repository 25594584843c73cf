import { expect, test } from 'vitest';
import { freshData } from '../../src/saga/data.ts';
import { markUnrecorded } from '../../src/saga/run-inline.ts';

test('what may have been done stays in doubt when there is less to doubt later', () => {
  const data = freshData();
  markUnrecorded(data, ['customer', 'mortgage']);
  markUnrecorded(data, ['customer']);
  markUnrecorded(data, []);
  expect(data.unrecorded).toEqual(['customer', 'mortgage']);
});
