import { and, eq, isNull } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import { implement } from '../../guard/implement.ts';
import { refuseHeld } from '../../guard/refuse-held.ts';
import { CannotUndo } from '../../saga/errors.ts';
import { post, postReversal } from './ledger.ts';
import { refuseClosed, refuseMissing } from './payment-refusals.ts';
import { loan, payment } from './schema.ts';
import * as steps from './steps.ts';

export const capturePayment = implement(steps.capturePayment, {
  async do(tx, { loan_id, customer_id, payment_amount, payment_type, payment_date }, stamp) {
    const [found] = await tx
      .select({ status: loan.status, heldBy: loan.heldBy, customerId: loan.customerId })
      .from(loan)
      .where(and(eq(loan.id, loan_id), isNull(loan.deletedAt)))
      .for('key share');
    if (!found) return refuseMissing(loan_id);
    if (found.heldBy) return refuseHeld('the loan', found.heldBy);
    if (found.status !== 'active' && found.status !== 'defaulted') return refuseClosed(found.status);

    const id = uuidv7();
    await tx.insert(payment).values({
      id,
      loanId: loan_id,
      customerId: customer_id ?? found.customerId,
      paymentAmount: payment_amount,
      paymentType: payment_type,
      ...(payment_date && { paymentDate: payment_date }),
      ...stamp,
    });
    await post(tx, loan_id, { cash: payment_amount, unapplied: -payment_amount }, stamp);
    return { payment_id: id };
  },

  async undo(tx, { payment_id }, stamp) {
    const { count } = await tx
      .update(payment)
      .set({ status: 'refunded' })
      .where(and(eq(payment.id, payment_id), eq(payment.status, 'captured')));
    if (count !== 1) throw new CannotUndo('the payment is allocated: it cannot be refunded');
    await postReversal(tx, stamp);
  },
});
