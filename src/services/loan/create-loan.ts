import { eq } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Transaction } from '../../guard/database.ts';
import { implement } from '../../guard/implement.ts';
import { monthlyPayment } from '../../money/amortisation.ts';
import { defineStep } from '../../saga/step.ts';
import { post } from './ledger.ts';
import { addMonths } from './months.ts';
import { balanceError, loanBody, loanColumns, loanRow, valuesOf } from './resource.ts';
import { loan } from './schema.ts';

const contract = defineStep({
  name: 'create-loan',
  service: 'loan',
  summary: 'Create a loan with its opening entry',
  input: loanBody.superRefine(({ status, outstanding_balance }, context) => {
    const message = balanceError(status ?? 'active', outstanding_balance ?? 0n);
    if (message) context.addIssue({ code: 'custom', path: ['outstanding_balance'], message });
  }),
  result: loanRow,
  compensation: null,
});

/** Computes what is not given: the payment, the balance, the dates. */
export const createLoan = implement(contract, {
  async do(tx, body, stamp) {
    const { loan_amount, interest_rate, term_years } = body;
    const status = body.status ?? 'active';
    const startDate = body.start_date ?? new Date();
    const months = term_years * 12;
    const id = uuidv7();
    await tx.insert(loan).values({
      id,
      ...valuesOf(body),
      monthlyPayment:
        body.monthly_payment ?? monthlyPayment({ principal: loan_amount, rate: interest_rate, months }),
      startDate,
      maturityDate: body.maturity_date ?? addMonths(startDate, months),
      ...stamp,
    });
    const isOwed = status === 'active' || status === 'defaulted';
    const balance = body.outstanding_balance ?? (isOwed ? loan_amount : 0n);
    await post(tx, id, { receivable: balance, opening: -balance }, stamp);
    return read(tx, id);
  },
  undo: null,
});

async function read(tx: Transaction, id: string) {
  const [created] = await tx.select(loanColumns).from(loan).where(eq(loan.id, id));
  if (!created) throw new Error('the loan is gone');
  return created;
}
