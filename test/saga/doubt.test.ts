import { expect, test } from 'vitest';
import { freshData } from '../../src/saga/data.ts';
import { doubt } from '../../src/saga/go-ahead.ts';

test('what may have been done stays in doubt when there is less to doubt later', () => {
  const data = freshData();
  doubt(data, ['customer', 'mortgage']);
  doubt(data, ['customer']);
  doubt(data, []);
  expect(data.unrecorded).toEqual(['customer', 'mortgage']);
});
