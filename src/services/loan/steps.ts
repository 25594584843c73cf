import { z } from 'zod';
import { money, positiveMoney } from '../../money/money.ts';
import { ratePercent } from '../../money/rate.ts';
import { defineStep, noResult } from '../../saga/step.ts';
import { visitInput } from '../visit.ts';

const loanId = z.object({ loan_id: z.uuid() });

export const bookLoan = defineStep({
  name: 'book-loan',
  service: 'loan',
  summary: "Book the loan, within the customer's lending limit",
  input: z.object({
    customer_id: z.uuid(),
    mortgage_id: z.uuid(),
    loan_amount: positiveMoney,
    interest_rate: ratePercent,
    term_years: z.int().min(1).max(40),
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
});

export const visitLoan = defineStep({
  name: 'visit-loan',
  service: 'loan',
  summary: 'Visit the loan service',
  input: visitInput,
  result: noResult,
  compensation: 'nothing: a visit has no effect',
});
