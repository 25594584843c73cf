import { schedule } from '../../src/money/amortisation.ts';
import { allocate, payoffOf } from '../../src/services/loan/allocation.ts';
import { addMonths } from '../../src/services/loan/months.ts';

export interface PaymentPlan {
  /** Cents. */
  amount: bigint;
  type: 'regular' | 'extra' | 'payoff';
  date: Date;
}

export interface LoanTerms {
  loan_amount: number;
  interest_rate: number;
  term_years: number;
}

/** The instalments that are entered as payments: the `count` up to number `last`. */
export interface Entered {
  count: number;
  last: number;
}

/** The payments, and the balance before them. */
export function repay(terms: LoanTerms, { count, last }: Entered, startDate: Date) {
  const loan = inCents(terms);
  const instalments = schedule(loan);
  const payments = instalments.slice(last - count, last).map(
    ({ number, payment }): PaymentPlan => ({
      amount: payment,
      type: 'regular',
      date: addMonths(startDate, number),
    }),
  );
  return { opening: instalments[last - count - 1]?.balance ?? loan.principal, payments };
}

/** The payment that pays off the balance after the payments before it. */
export function settle(terms: LoanTerms, opening: bigint, before: PaymentPlan[], date: Date): PaymentPlan {
  const { rate } = inCents(terms);
  const given = { principal: undefined, interest: undefined };
  const repaid = (balance: bigint, { amount, type }: PaymentPlan) =>
    balance - allocate({ balance, rate }, { amount, type, given }).principal;
  const balance = before.reduce(repaid, opening);
  return { amount: payoffOf({ balance, rate }), type: 'payoff', date };
}

/** In the units of the services: cents, thousandths of a percent, months. */
const inCents = ({ loan_amount, interest_rate, term_years }: LoanTerms) => ({
  principal: BigInt(loan_amount) * 100n,
  rate: interest_rate * 1_000,
  months: term_years * 12,
});
