import { z } from 'zod';
import { money, positiveMoney } from '../../money/money.ts';
import { ratePercent } from '../../money/rate.ts';
import { termYears } from '../../money/term.ts';
import { timestamp } from '../../money/timestamp.ts';
import { defineStep, noResult } from '../../saga/step.ts';
import { defineVisit } from '../visit.ts';

const loanId = z.object({ loan_id: z.guid() });
const paymentId = z.object({ payment_id: z.guid() });

export const bookLoan = defineStep({
  name: 'book-loan',
  service: 'loan',
  summary: "Book the loan, within the customer's lending limit",
  input: z.object({
    customer_id: z.guid(),
    mortgage_id: z.guid(),
    loan_amount: positiveMoney,
    interest_rate: ratePercent,
    term_years: termYears,
  }),
  result: loanId.extend({ monthly_payment: money }),
  compensation: 'cancel the loan',
});

export const disburseFunds = defineStep({
  name: 'disburse-funds',
  service: 'loan',
  summary: 'Pay the loan out: a double entry',
  input: loanId,
  result: noResult,
  compensation: null,
  pivot: true,
});

export const activateLoan = defineStep({
  name: 'activate-loan',
  service: 'loan',
  summary: 'Activate the loan: repayment begins',
  input: loanId,
  result: noResult,
  compensation: null,
  events: { done: 'loan.granted' },
});

export const capturePayment = defineStep({
  name: 'capture-payment',
  service: 'loan',
  summary: 'Take the payment in, not allocated yet: a double entry',
  input: loanId.extend({
    customer_id: z.guid().optional(),
    payment_amount: positiveMoney,
    payment_type: z.enum(['regular', 'extra', 'payoff']),
    payment_date: timestamp.optional(),
  }),
  result: paymentId,
  compensation: 'refund the payment',
});

export const allocatePayment = defineStep({
  name: 'allocate-payment',
  service: 'loan',
  summary: "Allocate the payment: a month's interest first, the rest is principal",
  input: paymentId.extend({ principal_amount: money.optional(), interest_amount: money.optional() }),
  result: paymentId.extend({
    loan_id: z.guid(),
    mortgage_id: z.guid(),
    principal_amount: money,
    interest_amount: money,
    outstanding_balance: money,
  }),
  compensation: 'reverse the allocation',
});

export const closeLoan = defineStep({
  name: 'close-loan',
  service: 'loan',
  summary: 'Close the loan: it is paid off, unless something is owed again',
  input: loanId,
  result: loanId.extend({ was: z.enum(['active', 'defaulted', 'paid_off', 'owing']) }),
  compensation: 'reopen the loan',
});

export const visitLoan = defineVisit('loan');
