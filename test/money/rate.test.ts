import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ratePercent } from '../../src/money/rate.ts';

const decimals = 'must have at most three decimals';

test.each<[number | string, number]>([
  [6.875, 6875],
  ['6.875', 6875],
  [3.25, 3250],
  ['4', 4000],
  [0, 0],
  [0.001, 1],
  [1.001, 1001],
  [100, 100_000],
  ['100.000', 100_000],
])('a rate of %o percent is %o thousandths', (edge, thousandths) => {
  expect(z.decode(ratePercent, edge)).toBe(thousandths);
});

test.each<[unknown, string]>([
  [6.8755, decimals],
  ['6.8750', decimals],
  [0.1 + 0.2, decimals],
  [1e-7, decimals],
  [-0.001, 'must not be negative'],
  [100.001, 'must be at most 100 percent'],
  [1e300, 'must be at most 100 percent'],
  ['9'.repeat(400), 'must be at most 100 percent'],
  [Number.NaN, 'must be a finite number or a decimal string such as "1234.50"'],
  [JSON.parse('1e309'), 'must be a finite number or a decimal string such as "1234.50"'],
  ['', 'must be a decimal such as "1234.50", without exponent or spaces'],
  ['4%', 'must be a decimal such as "1234.50", without exponent or spaces'],
  ['4e0', 'must be a decimal such as "1234.50", without exponent or spaces'],
])('a rate of %o is refused: %s', (edge, message) => {
  expect(ratePercent.safeParse(edge).error?.issues.map((issue) => issue.message)).toEqual([message]);
});

test('every rate survives the way to the edge and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), (thousandths) => {
      const edge = z.encode(ratePercent, thousandths);
      expect(z.decode(ratePercent, edge)).toBe(thousandths);
      expect(z.decode(ratePercent, String(edge))).toBe(thousandths);
      expect(edge).toBe(Number(`${thousandths}e-3`));
    }),
    { seed: 20260101, numRuns: 1000 },
  );
});

test('a rate that is not whole thousandths is not answered with', () => {
  expect(z.safeEncode(ratePercent, 6875.5).success).toBe(false);
  expect(z.safeEncode(ratePercent, 100_001).success).toBe(false);
});
