import { describe, expect, test } from 'vitest';
import { planCustomer } from '../../scripts/seed/plan.ts';
import { emailAddress } from '../../src/saga/text.ts';

const today = new Date('2026-01-15T00:00:00Z');
const plans = Array.from({ length: 1_000 }, (_, at) => planCustomer({ seed: 1, index: at + 1 }, today));
const mortgages = plans.flatMap((plan) => plan.mortgages);
const loans = mortgages.flatMap(({ loan }) => loan ?? []);

describe('what the seed plans', () => {
  test('follows from the seed and the customer alone', () => {
    expect(planCustomer({ seed: 1, index: 7 }, today)).toEqual(plans[6]);
    expect(planCustomer({ seed: 2, index: 7 }, today)).not.toEqual(plans[6]);
  });

  test('gives every customer of every seed an e-mail address of its own that nobody can own', () => {
    const emails = [1, 2, 12].flatMap((seed) =>
      plans.slice(0, 300).map((_, at) => planCustomer({ seed, index: at + 1 }, today).email),
    );
    expect(new Set(emails).size).toBe(emails.length);
    for (const email of emails) {
      expect(email).toMatch(/@example\.(com|org)$/);
      expect(emailAddress.safeParse(email).success).toBe(true);
    }
  });

  test('keeps names and addresses whatever day it is', () => {
    const person = ({ name, email }: { name: string; email: string }) => ({ name, email });
    const later = planCustomer({ seed: 1, index: 7 }, new Date('2031-05-06T00:00:00Z'));
    expect(person(later)).toEqual(person(planCustomer({ seed: 1, index: 7 }, today)));
  });

  test('keeps amounts, rates and terms believable', () => {
    for (const { terms, outcome } of mortgages) {
      const { loan_amount, property_value, interest_rate, term_years } = terms;
      expect(interest_rate).toBeGreaterThanOrEqual(2.5);
      expect(interest_rate).toBeLessThanOrEqual(7.5);
      expect(Number.isInteger(interest_rate * 1_000)).toBe(true);
      expect(term_years).toBeGreaterThanOrEqual(10);
      expect(term_years).toBeLessThanOrEqual(40);
      expect(loan_amount > property_value * 0.95).toBe(outcome === 'rejected');
      expect(loan_amount).toBeLessThanOrEqual(1_000_000);
    }
  });

  test('dates no payment before its loan, out of order, or in the future', () => {
    for (const { startDate, payments } of loans) {
      const dates = [startDate, ...payments.map(({ date }) => date), today].map((date) => date.getTime());
      if (payments.length > 0) expect(dates).toEqual(dates.toSorted((a, b) => a - b));
    }
  });

  test('lets every active loan be paid one to three times, and every paid off one to its end', () => {
    for (const { status, payments } of loans) {
      const types = payments.map(({ type }) => type);
      if (status === 'active') expect([1, 2, 3]).toContain(types.length);
      expect(types.filter((type) => type === 'payoff').length).toBe(status === 'paid_off' ? 1 : 0);
    }
    expect(new Set(loans.flatMap(({ payments }) => payments.map(({ type }) => type))).size).toBe(3);
  });

  test('leaves some customers without anything, and gives some two applications', () => {
    expect(new Set(plans.map((plan) => plan.mortgages.length))).toEqual(new Set([0, 1, 2]));
  });
});
