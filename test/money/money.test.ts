import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { centsToNumber, formatCents, money, positiveMoney } from '../../src/money/money.ts';

const run = { seed: 20260101, numRuns: 1000 };
const maximum = 100_000_000_000_000n;
const inRange = fc.bigInt({ min: 0n, max: maximum });

const accepted: [number | string, bigint][] = [
  [500000, 50_000_000n],
  [500000.0, 50_000_000n],
  ['500000.00', 50_000_000n],
  ['1', 100n],
  ['1.5', 150n],
  [0.01, 1n],
  [0.29, 29n],
  [1.1, 110n],
  [2176.03, 217_603n],
  [4503599627.37, 450_359_962_737n],
  [999999999999.99, 99_999_999_999_999n],
  [1e12, maximum],
  ['1000000000000.00', maximum],
];

const decimals = 'must have at most two decimals';
const plain = 'must be a decimal such as "1234.50", without exponent or spaces';
const type = 'must be a finite number or a decimal string such as "1234.50"';
const large = 'must be at most 1000000000000.00';
const negative = 'must not be negative';

const refused: [unknown, string][] = [
  [1.005, decimals],
  [0.1 + 0.2, decimals],
  [1e-7, decimals],
  [Number.MIN_VALUE, decimals],
  ['1.000', decimals],
  ['-1.005', decimals],
  [-1, negative],
  [-0.01, negative],
  ['-0.01', negative],
  [-1e300, negative],
  [1000000000000.01, large],
  ['1000000000000.01', large],
  [1e300, large],
  ['9'.repeat(5000), large],
  [Number.NaN, type],
  [Number.POSITIVE_INFINITY, type],
  [JSON.parse('1e309'), type],
  [JSON.parse('-1e309'), type],
  [null, type],
  [undefined, type],
  [true, type],
  [5n, type],
  [[1], type],
  [{}, type],
  ['', plain],
  [' ', plain],
  [' 1', plain],
  ['1\n', plain],
  ['1e3', plain],
  ['1E3', plain],
  ['+1', plain],
  ['1.', plain],
  ['.5', plain],
  ['1,000', plain],
  ['0x10', plain],
  ['NaN', plain],
  ['Infinity', plain],
  ['--1', plain],
  ['1\u0000', plain],
  ['\ud800', plain],
  ['١', plain],
];

const messages = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map((issue) => issue.message);

describe('money', () => {
  test.each(accepted)('reads %o as %o cents', (edge, cents) => {
    expect(z.decode(money, edge)).toBe(cents);
    expect(z.decode(positiveMoney, edge)).toBe(cents);
  });

  test.each(refused)('refuses %o: %s', (edge, message) => {
    expect(messages(money, edge)).toEqual([message]);
  });

  test.each([0, -0, '0', '0.00', '-0'])('accepts %o, which positive money refuses', (edge) => {
    expect(z.decode(money, edge)).toBe(0n);
    expect(messages(positiveMoney, edge)).toEqual(['must be more than 0']);
  });

  test('names the field of an object, each once', () => {
    const body = z.strictObject({ loan_amount: positiveMoney, fee: money.optional() });
    expect(z.decode(body, { loan_amount: '500000.00' })).toEqual({ loan_amount: 50_000_000n });
    expect(z.encode(body, { loan_amount: 50_000_000n, fee: 5n })).toEqual({ loan_amount: 500000, fee: 0.05 });
    const issues = body.safeParse({ loan_amount: 1.005, fee: -1 }).error?.issues;
    expect(issues?.map(({ path, message }) => [path, message])).toEqual([
      [['loan_amount'], decimals],
      [['fee'], negative],
    ]);
  });

  test('answers with JSON numbers', () => {
    expect(JSON.stringify([50_000_000n, 217_603n, 29n, maximum].map((cents) => z.encode(money, cents)))).toBe(
      '[500000,2176.03,0.29,1000000000000]',
    );
  });

  test('refuses to answer with an amount outside its range', () => {
    expect(z.safeEncode(money, -1n).success).toBe(false);
    expect(z.safeEncode(money, maximum + 1n).success).toBe(false);
    expect(z.safeEncode(positiveMoney, 0n).success).toBe(false);
  });

  test('survives the way to the edge and back, as number, as string and through JSON', () => {
    fc.assert(
      fc.property(inRange, (cents) => {
        const edge = z.encode(money, cents);
        expect(z.decode(money, edge)).toBe(cents);
        expect(z.decode(money, JSON.parse(JSON.stringify(edge)))).toBe(cents);
        expect(z.decode(money, formatCents(cents))).toBe(cents);
      }),
      run,
    );
  });

  test('takes a number only when it is exactly the one it answers with', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (edge) => {
        const read = z.safeDecode(money, edge);
        expect(read.success).toBe(Number(edge.toFixed(2)) === edge);
        if (read.success) expect(z.encode(money, read.data)).toBe(edge + 0);
      }),
      run,
    );
  });
});

describe('formatting', () => {
  test.each<[bigint, string, number]>([
    [217_603n, '2176.03', 2176.03],
    [-105n, '-1.05', -1.05],
    [-5n, '-0.05', -0.05],
    [0n, '0.00', 0],
    [7n, '0.07', 0.07],
    [100n, '1.00', 1],
    [maximum, '1000000000000.00', 1e12],
  ])('shows %o cents as %s', (cents, text, number) => {
    expect(formatCents(cents)).toBe(text);
    expect(centsToNumber(cents)).toBe(number);
  });

  test('of a negative amount is that of the positive one with a sign', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: maximum }), (cents) => {
        expect(formatCents(-cents)).toBe(`-${formatCents(cents)}`);
        expect(centsToNumber(-cents)).toBe(-centsToNumber(cents));
        expect(Number(formatCents(cents))).toBe(centsToNumber(cents));
      }),
      run,
    );
  });
});
