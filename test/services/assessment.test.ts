import { describe, expect, test } from 'vitest';
import { assess } from '../../src/services/mortgage/assessment.ts';

/** 500,000 at 3.25 % over 30 years: 2,176.03 a month, 26,112.36 a year. */
const application = {
  loanAmount: 500_000_00n,
  propertyValue: 750_000_00n,
  interestRate: 3250,
  termYears: 30,
  annualIncome: 120_000_00n,
};
const verdict = (change: Partial<Parameters<typeof assess>[0]>) =>
  assess({ ...application, ...change }).verdict;

test('the monthly payment is that of the amortisation', () => {
  expect(assess(application).monthlyPayment).toBe(2_176_03n);
});

describe('a loan of the property value', () => {
  test.each([
    [625_000_00n, 'approve', '80 %'],
    [624_999_99n, 'refer', 'just above 80 %'],
    [526_315_80n, 'refer', 'just under 95 %'],
    [526_315_78n, 'decline', 'just above 95 %'],
  ])('%s cents: %s (%s)', (propertyValue, expected) => {
    expect(verdict({ propertyValue })).toBe(expected);
  });
});

describe("a year's repayments, of the income", () => {
  test.each([
    [74_606_75n, 'approve', 'just under 35 %'],
    [74_606_74n, 'refer', 'just above 35 %'],
    [52_224_72n, 'refer', '50 %'],
    [52_224_71n, 'decline', 'just above 50 %'],
    [0n, 'decline', 'no income at all'],
  ])('%s cents: %s (%s)', (annualIncome, expected) => {
    expect(verdict({ annualIncome })).toBe(expected);
  });
});

test('without an income the application is referred, unless the loan alone is too high', () => {
  expect(verdict({ annualIncome: undefined })).toBe('refer');
  expect(verdict({ annualIncome: undefined, propertyValue: 500_000_00n })).toBe('decline');
});

describe('the reasons name the limits', () => {
  test.each([
    ['that decline', { propertyValue: 500_000_00n, annualIncome: 0n }, ['95 %']],
    ['that decline', { annualIncome: 0n }, ['50 %']],
    ['in doubt', { propertyValue: 600_000_00n, annualIncome: 70_000_00n }, ['80 %', '35 %']],
    ['that approve', {}, ['80 %', '35 %']],
  ])('%s %o', (_, change, limits) => {
    expect(assess({ ...application, ...change }).reasons).toEqual(
      limits.map((limit) => expect.stringContaining(limit)),
    );
  });
});
