import type { Faker } from '@faker-js/faker';
import { addMonths } from '../../src/services/loan/months.ts';
import type { LoanStatus } from '../../src/services/loan/resource.ts';
import { type Entered, type LoanTerms, type PaymentPlan, repay, settle } from './repayment.ts';
import { howManyPayments } from './shares.ts';

export interface LoanPlan {
  status: LoanStatus;
  startDate: Date;
  /** In cents, when the loan is entered. */
  opening: bigint;
  payments: PaymentPlan[];
}

const dayMs = 86_400_000;

export function planLoan(random: Faker, status: LoanStatus, terms: LoanTerms, today: Date): LoanPlan {
  const days = random.number.int({ min: 1, max: 27 });
  const inDays = (date: Date, count: number) => new Date(date.getTime() + count * dayMs);
  if (status === 'booked' || status === 'cancelled') {
    const startDate = inDays(today, status === 'booked' ? days : -10 * days);
    return { status, startDate, opening: 0n, payments: [] };
  }

  const { due, ...entered } = instalmentsOf(random, status, terms.term_years * 12);
  const startDate = inDays(addMonths(today, -due), -days);
  const { opening, payments } = repay(terms, entered, startDate);
  const [first] = payments;
  const extra = 100_000n * BigInt(random.number.int({ min: 5, max: 25 }));
  if (first && payments.length === 2 && extra * 4n < opening && random.datatype.boolean(0.25))
    payments.splice(1, 0, { amount: extra, type: 'extra', date: inDays(first.date, 10) });
  if (status === 'paid_off') payments.push(settle(terms, opening, payments, addMonths(startDate, due)));
  return { status, startDate, opening, payments };
}

/** How many instalments are due, and which of them are entered as payments. */
function instalmentsOf(
  { number: { int }, helpers }: Faker,
  status: LoanStatus,
  months: number,
): Entered & { due: number } {
  if (status === 'defaulted') {
    const due = int({ min: 12, max: 96 });
    return { due, last: due - int({ min: 4, max: 9 }), count: 1 };
  }
  if (status === 'paid_off') {
    const due = int({ min: 24, max: Math.min(120, months - 1) });
    return { due, last: due - 1, count: int({ min: 0, max: 1 }) };
  }
  const due = int({ min: 1, max: Math.min(120, months - 12) });
  return { due, last: due, count: Math.min(due, helpers.weightedArrayElement(howManyPayments)) };
}
