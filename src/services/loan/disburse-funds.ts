import { and, eq } from 'drizzle-orm';
import { implement } from '../../guard/implement.ts';
import { refuse } from '../../saga/errors.ts';
import { post } from './ledger.ts';
import { loan } from './schema.ts';
import * as steps from './steps.ts';

export const disburseFunds = implement(steps.disburseFunds, {
  async do(tx, { loan_id }, stamp) {
    const [booked] = await tx
      .select({ amount: loan.loanAmount })
      .from(loan)
      .where(and(eq(loan.id, loan_id), eq(loan.status, 'booked'), eq(loan.heldBy, stamp.sagaId)))
      .for('update');
    if (!booked) refuse('the loan is not booked');
    await post(tx, loan_id, { receivable: booked.amount, cash: -booked.amount }, stamp);
    return {};
  },
  undo: null,
});
