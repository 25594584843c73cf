import { z } from 'zod';
import { asNumber } from '../../money/decimal.ts';
import { money, positiveMoney } from '../../money/money.ts';
import { orNull } from '../../money/or-null.ts';
import { ratePercent } from '../../money/rate.ts';
import { termYears } from '../../money/term.ts';
import { timestamp } from '../../money/timestamp.ts';
import { loan } from './schema.ts';

const guid = z.guid('must be a UUID');
const status = z.enum(loan.status.enumValues);
export type LoanStatus = z.output<typeof status>;

const terms = {
  customer_id: guid,
  mortgage_id: guid,
  loan_amount: positiveMoney,
  interest_rate: ratePercent,
  term_years: termYears,
};

export const loanBody = z
  .object({
    ...terms,
    monthly_payment: orNull(money).optional(),
    outstanding_balance: orNull(money).optional(),
    status: status.nullish(),
    start_date: orNull(timestamp).optional(),
    maturity_date: orNull(timestamp).optional(),
  })
  .meta({
    id: 'LoanBody',
    example: {
      customer_id: '0190163d-8694-739b-aea5-966c26f8ad91',
      mortgage_id: '0190163d-8694-739b-aea5-966c26f8ad92',
      loan_amount: 500_000,
      interest_rate: 3.25,
      term_years: 30,
    },
  });

export const loanRow = z
  .object({
    id: guid,
    ...terms,
    loan_amount: asNumber(positiveMoney),
    interest_rate: asNumber(ratePercent),
    monthly_payment: asNumber(money),
    outstanding_balance: asNumber(money),
    status,
    start_date: orNull(timestamp),
    maturity_date: orNull(timestamp),
    created_at: timestamp,
    modified_at: timestamp,
  })
  .meta({ id: 'Loan' });

export const loanColumns = {
  id: loan.id,
  customer_id: loan.customerId,
  mortgage_id: loan.mortgageId,
  loan_amount: loan.loanAmount,
  interest_rate: loan.interestRate,
  term_years: loan.termYears,
  monthly_payment: loan.monthlyPayment,
  outstanding_balance: loan.outstandingBalance,
  status: loan.status,
  start_date: loan.startDate,
  maturity_date: loan.maturityDate,
  created_at: loan.createdAt,
  modified_at: loan.modifiedAt,
};

export const valuesOf = (body: z.output<typeof loanBody>) => ({
  customerId: body.customer_id,
  mortgageId: body.mortgage_id,
  loanAmount: body.loan_amount,
  interestRate: body.interest_rate,
  termYears: body.term_years,
  ...(body.status && { status: body.status }),
  ...(body.start_date && { startDate: body.start_date }),
  ...(body.maturity_date && { maturityDate: body.maturity_date }),
});

/** Why the balance, in cents, is invalid; undefined if it is valid. */
export const balanceError = (status: LoanStatus, balance: bigint): string | undefined =>
  (status === 'paid_off' || status === 'cancelled') && balance > 0n
    ? `must be 0 for a loan that is ${status}`
    : undefined;
