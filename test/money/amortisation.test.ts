import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { monthlyInterest, monthlyPayment, roundHalfEven, schedule } from '../../src/money/amortisation.ts';

const run = { seed: 20260101, numRuns: 300 };

const anyLoan = fc.record({
  principal: fc.oneof(fc.bigInt({ min: 1n, max: 1000n }), fc.bigInt({ min: 1n, max: 100_000_000_000_000n })),
  rate: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 100_000 })),
  months: fc.integer({ min: 1, max: 480 }),
});

const mortgage = fc.record({
  principal: fc.bigInt({ min: 1_000_000n, max: 500_000_000n }),
  rate: fc.integer({ min: 100, max: 15_000 }),
  months: fc.integer({ min: 12, max: 480 }),
});

describe('rounding half to even', () => {
  test.each<[bigint, bigint, bigint]>([
    [1n, 2n, 0n],
    [3n, 2n, 2n],
    [5n, 2n, 2n],
    [7n, 2n, 4n],
    [-1n, 2n, 0n],
    [-3n, 2n, -2n],
    [-5n, 2n, -2n],
    [5n, -2n, -2n],
    [-5n, -2n, 2n],
    [1n, 3n, 0n],
    [2n, 3n, 1n],
    [-2n, 3n, -1n],
    [0n, 7n, 0n],
    [6n, 3n, 2n],
  ])('rounds %o / %o to %o', (numerator, denominator, rounded) => {
    expect(roundHalfEven(numerator, denominator)).toBe(rounded);
  });

  test('is symmetric around zero, never more than half away, and even on a tie', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -1000n, max: 1000n }),
        fc.bigInt({ min: 1n, max: 20n }),
        (numerator, denominator) => {
          const rounded = roundHalfEven(numerator, denominator);
          expect(roundHalfEven(-numerator, denominator)).toBe(-rounded);
          expect(roundHalfEven(-numerator, -denominator)).toBe(rounded);
          const twiceOff = 2n * (rounded * denominator - numerator);
          expect(twiceOff <= denominator && -twiceOff <= denominator).toBe(true);
          if (twiceOff === denominator || -twiceOff === denominator) expect(rounded % 2n).toBe(0n);
        },
      ),
      { ...run, numRuns: 5000 },
    );
  });

  test('refuses a denominator of zero', () => {
    expect(() => roundHalfEven(1n, 0n)).toThrow(RangeError);
  });
});

describe('the monthly payment', () => {
  // Unrounded with 80 digits, by Python's decimal: r*P/(1-(1+r)**-n), r = percent/1200.
  test.each<[string, bigint, number, number, bigint]>([
    ['2176.0315953…', 50_000_000n, 3_250, 360, 217_603n],
    ['2111.3473611…', 40_000_000n, 4_000, 300, 211_135n],
    ['1642.3220341…', 25_000_000n, 6_875, 360, 164_232n],
    ['625.1252687…', 30_000_000n, 1, 480, 62_513n],
    ['14879.5861002…', 9_999_999n, 12_345, 7, 1_487_959n],
    ['83333333333.3333350…', 100_000_000_000_000n, 100_000, 480, 8_333_333_333_333n],
    ['888.8888888…', 32_000_000n, 0, 360, 88_889n],
    ['0.0000372…', 1n, 3_250, 480, 0n],
    ['100', 120_000n, 0, 1200, 100n],
  ])(
    'is %s, rounded, for %o cents at %o thousandths of a percent over %o months',
    (_, principal, rate, months, cents) => {
      expect(monthlyPayment({ principal, rate, months })).toBe(cents);
    },
  );

  test('is the balance and a month of interest when there is one month', () => {
    expect(monthlyPayment({ principal: 50_000_000n, rate: 3_250, months: 1 })).toBe(50_135_417n);
  });

  test('agrees within a cent with the formula in floating point', () => {
    fc.assert(
      fc.property(mortgage, ({ principal, rate, months }) => {
        const monthly = rate / 1_200_000;
        const float = (Number(principal) * monthly) / (1 - (1 + monthly) ** -months);
        expect(Math.abs(Number(monthlyPayment({ principal, rate, months })) - float)).toBeLessThanOrEqual(1);
      }),
      run,
    );
  });

  test('is worth the principal, discounted month by month, to half a cent a month', () => {
    fc.assert(
      fc.property(mortgage, ({ principal, rate, months }) => {
        const payment = monthlyPayment({ principal, rate, months });
        const unit = 1_200_000n;
        const growth = unit + BigInt(rate);
        let [debt, tolerance, scale] = [principal, 0n, 1n];
        for (let month = 0; month < months; month++) {
          debt = debt * growth - payment * scale * unit;
          tolerance = tolerance * growth + scale * unit;
          scale *= unit;
        }
        expect(2n * debt <= tolerance && -2n * debt <= tolerance).toBe(true);
      }),
      run,
    );
  });

  test.each([
    { principal: -1n, rate: 3_250, months: 360 },
    { principal: 1n, rate: -1, months: 360 },
    { principal: 1n, rate: 3.25, months: 360 },
    { principal: 1n, rate: 3_250, months: 0 },
    { principal: 1n, rate: 0, months: -1 },
    { principal: 1n, rate: 3_250, months: 1.5 },
    { principal: 1n, rate: 3_250, months: 1201 },
    { principal: 1n, rate: Number.NaN, months: 12 },
  ])('refuses %o', (loan) => {
    expect(() => monthlyPayment(loan)).toThrow(RangeError);
    expect(() => schedule(loan)).toThrow(RangeError);
  });
});

describe('a month of interest', () => {
  test.each<[bigint, number, bigint]>([
    [50_000_000n, 3_250, 135_417n],
    [50_000_000n, 0, 0n],
    [0n, 3_250, 0n],
    [600n, 1_000, 0n],
    [1800n, 1_000, 2n],
    [3000n, 1_000, 2n],
  ])('on %o cents at %o thousandths of a percent is %o', (balance, rate, interest) => {
    expect(monthlyInterest(balance, rate)).toBe(interest);
  });
});

describe('the schedule', () => {
  test('of 500,000 at 3.25 % over 30 years begins with 1,354.17 of interest and ends at zero', () => {
    const instalments = schedule({ principal: 50_000_000n, rate: 3_250, months: 360 });
    expect(instalments).toHaveLength(360);
    expect(instalments[0]).toEqual({
      number: 1,
      payment: 217_603n,
      interest: 135_417n,
      principal: 82_186n,
      balance: 49_917_814n,
    });
    expect(instalments.slice(0, -1).every(({ payment }) => payment === 217_603n)).toBe(true);
    expect(instalments.at(-1)?.balance).toBe(0n);
  });

  test('pays the rounding with the last instalment, in either direction', () => {
    const payments = (principal: bigint) =>
      schedule({ principal, rate: 0, months: 3 }).map(({ payment }) => payment);
    expect(payments(100n)).toEqual([33n, 33n, 34n]);
    expect(payments(101n)).toEqual([34n, 34n, 33n]);
    expect(payments(99n)).toEqual([33n, 33n, 33n]);
  });

  test('of one cent over 480 months pays it in the last', () => {
    const instalments = schedule({ principal: 1n, rate: 3_250, months: 480 });
    expect(instalments).toHaveLength(480);
    expect(instalments.at(-2)).toEqual({
      number: 479,
      payment: 0n,
      interest: 0n,
      principal: 0n,
      balance: 1n,
    });
    expect(instalments.at(-1)).toEqual({
      number: 480,
      payment: 1n,
      interest: 0n,
      principal: 1n,
      balance: 0n,
    });
  });

  test('ends early when the payment, rounded up, has paid a tiny loan off', () => {
    const instalments = schedule({ principal: 51n, rate: 0, months: 100 });
    expect(instalments).toHaveLength(51);
    expect(instalments.at(-1)).toEqual({ number: 51, payment: 1n, interest: 0n, principal: 1n, balance: 0n });
  });

  test('of nothing is empty', () => {
    expect(schedule({ principal: 0n, rate: 3_250, months: 360 })).toEqual([]);
  });

  test('of any loan repays exactly the principal and never goes below zero', () => {
    fc.assert(
      fc.property(anyLoan, (loan) => {
        const instalments = schedule(loan);
        expect(instalments.length).toBeLessThanOrEqual(loan.months);
        expect(instalments.reduce((sum, { principal }) => sum + principal, 0n)).toBe(loan.principal);
        let before = loan.principal;
        for (const [index, { number, payment, interest, principal, balance }] of instalments.entries()) {
          const sound =
            number === index + 1 &&
            interest === monthlyInterest(before, loan.rate) &&
            payment === interest + principal &&
            principal >= 0n &&
            balance === before - principal &&
            balance >= 0n;
          if (!sound) expect.fail(`instalment ${number} of ${instalments.length} does not add up`);
          before = balance;
        }
        expect(before).toBe(0n);
      }),
      run,
    );
  });

  test('with a payment of its own asks for it, or for the interest if that is more; the last month pays the rest', () => {
    fc.assert(
      fc.property(anyLoan, fc.bigInt({ min: 0n, max: 110n }), (loan, percent) => {
        const regular = (loan.principal * percent) / 100n;
        for (const { number, payment, interest, balance } of schedule(loan, regular)) {
          const least = regular < interest ? interest : regular;
          const early = balance === 0n && number < loan.months;
          const sound = early ? payment <= regular : payment === least || number === loan.months;
          if (!sound) expect.fail(`instalment ${number} asks for ${payment} instead of ${least}`);
        }
      }),
      run,
    );
  });

  test('of a mortgage has all its months, level but for the last', () => {
    fc.assert(
      fc.property(mortgage, (loan) => {
        const instalments = schedule(loan);
        const regular = monthlyPayment(loan);
        expect(instalments).toHaveLength(loan.months);
        expect(instalments.slice(0, -1).every(({ payment }) => payment === regular)).toBe(true);
      }),
      run,
    );
  });
});
