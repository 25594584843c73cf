import { and, eq, isNull } from 'drizzle-orm';
import { implement } from '../../guard/implement.ts';
import { CannotUndo, refuse } from '../../saga/errors.ts';
import { loan } from './schema.ts';
import * as steps from './steps.ts';

export const closeLoan = implement(steps.closeLoan, {
  async do(tx, { loan_id }) {
    const [found] = await tx
      .select({ status: loan.status, balance: loan.outstandingBalance })
      .from(loan)
      .where(and(eq(loan.id, loan_id), isNull(loan.heldBy)))
      .for('no key update');
    if (!found || found.status === 'booked' || found.status === 'cancelled')
      refuse('the loan cannot be closed: it is not open');
    // A client may have closed the loan or raised its balance since its last payment.
    const was = found.balance > 0n ? ('owing' as const) : found.status;
    if (was !== 'owing') await tx.update(loan).set({ status: 'paid_off' }).where(eq(loan.id, loan_id));
    return { loan_id, was };
  },

  async undo(tx, { loan_id, was }) {
    if (was === 'paid_off' || was === 'owing') return;
    const { count } = await tx
      .update(loan)
      .set({ status: was })
      .where(and(eq(loan.id, loan_id), eq(loan.status, 'paid_off')));
    if (count !== 1) throw new CannotUndo('the loan is not paid off');
  },
});
