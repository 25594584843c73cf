import { runRequest } from '../../src/guard/request.ts';
import { formatCents } from '../../src/money/money.ts';
import { createLoan } from '../../src/services/loan/create-loan.ts';
import { updateLoan } from '../../src/services/loan/update-loan.ts';
import type { Databases, IdOf } from './enter.ts';
import type { LoanPlan } from './loan-plan.ts';
import { pay } from './pay.ts';
import type { LoanTerms } from './repayment.ts';

interface Granted extends LoanTerms {
  customer_id: string;
  mortgage_id: string;
}

/** Enters a loan as of some months ago, then the payments since, then its final status. */
export async function enterLoan(databases: Databases, idOf: IdOf, granted: Granted, plan: LoanPlan) {
  const { status, opening, payments } = plan;
  const { customer_id, mortgage_id, loan_amount, interest_rate, term_years } = granted;
  const terms = { customer_id, mortgage_id, loan_amount, interest_rate, term_years };
  const body = { ...terms, start_date: plan.startDate.toISOString() };
  const { id } = await runRequest(databases.loan, createLoan, idOf('loan'), {
    ...body,
    status: status === 'booked' || status === 'cancelled' ? 'booked' : 'active',
    outstanding_balance: formatCents(opening),
  });
  for (const [number, payment] of payments.entries())
    await pay(databases, idOf(`payment/${number}`), id, payment);
  // Without a balance, which would post an adjustment.
  if (status === 'defaulted' || status === 'cancelled')
    await runRequest(databases.loan, updateLoan, idOf(status), { ...body, id, status });
}
