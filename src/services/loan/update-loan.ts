import { and, eq, isNull } from 'drizzle-orm';
import { z } from 'zod';
import { implement } from '../../guard/implement.ts';
import { refuseHeld } from '../../guard/refuse-held.ts';
import { monthlyPayment } from '../../money/amortisation.ts';
import { refuse } from '../../saga/errors.ts';
import { defineStep } from '../../saga/step.ts';
import { post } from './ledger.ts';
import { addMonths } from './months.ts';
import { balanceError, type LoanStatus, loanBody, loanColumns, loanRow, valuesOf } from './resource.ts';
import { loan } from './schema.ts';

const nextStatuses: Record<LoanStatus, readonly LoanStatus[]> = {
  booked: ['active', 'cancelled'],
  active: ['paid_off', 'defaulted', 'cancelled'],
  defaulted: ['active', 'paid_off'],
  paid_off: [],
  cancelled: [],
};

const contract = defineStep({
  name: 'update-loan',
  service: 'loan',
  summary: 'Change a loan, with an adjustment entry where its balance changes',
  input: loanBody.extend({ id: z.guid() }),
  result: loanRow.nullable(),
  compensation: null,
});

/** Null if there is none. Refuses if a saga holds it, and other status changes than `nextStatuses`. */
export const updateLoan = implement(contract, {
  async do(tx, { id, ...body }, stamp) {
    const [found] = await tx
      .select()
      .from(loan)
      .where(and(eq(loan.id, id), isNull(loan.deletedAt)))
      .for('no key update');
    if (!found) return null;
    if (found.heldBy) return refuseHeld('the loan', found.heldBy);
    const status = body.status ?? found.status;
    const isActivated = found.status === 'booked' && status === 'active';
    const isPaidOut = isActivated && found.outstandingBalance === 0n;
    const balance = body.outstanding_balance ?? (isPaidOut ? body.loan_amount : found.outstandingBalance);
    if (status !== found.status && !nextStatuses[found.status].includes(status))
      refuse(`the loan is ${found.status}: it cannot become ${status}`, { state: found.status });
    const owed = balanceError(status, balance);
    if (owed) refuse(`the loan is ${found.status}: outstanding_balance ${owed}`, { state: found.status });

    const adjustment = balance - found.outstandingBalance;
    await post(tx, id, { receivable: adjustment, adjustment: -adjustment }, stamp);
    const months = body.term_years * 12;
    const terms = { principal: body.loan_amount, rate: body.interest_rate, months };
    const startDate = body.start_date ?? found.startDate ?? (isActivated ? new Date() : null);
    const isMoved =
      body.term_years !== found.termYears || startDate?.getTime() !== found.startDate?.getTime();
    const maturityDate = isMoved && startDate ? addMonths(startDate, months) : found.maturityDate;
    const [updated] = await tx
      .update(loan)
      .set({
        startDate,
        maturityDate,
        ...valuesOf(body),
        monthlyPayment: body.monthly_payment ?? monthlyPayment(terms),
      })
      .where(eq(loan.id, id))
      .returning(loanColumns);
    return updated ?? null;
  },
  undo: null,
});
