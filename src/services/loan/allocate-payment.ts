import { and, eq } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import { implement } from '../../guard/implement.ts';
import { CannotUndo, refuse } from '../../saga/errors.ts';
import { allocate } from './allocation.ts';
import { post, postReversal } from './ledger.ts';
import { refuseClosed } from './payment-refusals.ts';
import { loan, payment } from './schema.ts';
import * as steps from './steps.ts';

export const allocatePayment = implement(steps.allocatePayment, {
  async do(tx, { payment_id, principal_amount, interest_amount }, stamp) {
    const [captured] = await tx
      .select()
      .from(payment)
      .where(and(eq(payment.id, payment_id), eq(payment.status, 'captured')))
      .for('update');
    if (!captured) refuse('the payment is not captured');
    const { paymentAmount: amount, paymentType: type, loanId } = captured;

    const found = await lockLoan(tx, loanId);
    if (found.status === 'booked' || found.status === 'cancelled') return refuseClosed(found.status);
    const owing = { balance: found.outstandingBalance, rate: found.interestRate };
    const given = { principal: principal_amount, interest: interest_amount };
    const { principal, interest } = allocate(owing, { amount, type, given });

    await tx
      .update(payment)
      .set({
        status: 'allocated',
        principalAmount: principal,
        interestAmount: interest,
      })
      .where(eq(payment.id, payment_id));
    await post(tx, loanId, { unapplied: amount, receivable: -principal, interest: -interest }, stamp);
    return {
      payment_id,
      loan_id: loanId,
      mortgage_id: found.mortgageId,
      principal_amount: principal,
      interest_amount: interest,
      outstanding_balance: owing.balance - principal,
    };
  },

  async undo(tx, { payment_id, loan_id }, stamp) {
    const { status } = await lockLoan(tx, loan_id);
    if (status !== 'active' && status !== 'defaulted') {
      // What was paid off is the balance that this payment had left.
      const advice =
        status === 'paid_off'
          ? 'pay nothing back, since the loan was paid off with it, and'
          : 'pay the money back by hand, then';
      throw new CannotUndo(
        `the loan is ${status} meanwhile, so the payment stays allocated: ${advice} resolve allocate-payment and capture-payment`,
      );
    }
    const { count } = await tx
      .update(payment)
      .set({ status: 'captured', principalAmount: 0n, interestAmount: 0n })
      .where(and(eq(payment.id, payment_id), eq(payment.status, 'allocated')));
    if (count !== 1) throw new CannotUndo('the payment is not allocated');
    await postReversal(tx, stamp);
  },
});

/** Serialises allocations on a loan; `no key update` does not block captures. */
async function lockLoan(tx: Transaction, id: string) {
  const [found] = await tx.select().from(loan).where(eq(loan.id, id)).for('no key update');
  if (!found) throw new Error('a payment has no loan');
  return found;
}
