import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import { implement } from '../../guard/implement.ts';
import { refuseHeld } from '../../guard/refuse-held.ts';
import { CannotUndo } from '../../saga/errors.ts';
import { application } from './schema.ts';
import * as steps from './steps.ts';

export const closeMortgage = implement(steps.closeMortgage, {
  async do(tx, { mortgage_id }) {
    const [found] = await tx
      .select({ status: application.status, heldBy: application.heldBy })
      .from(application)
      .where(eq(application.id, mortgage_id))
      .for('no key update');
    if (found?.status !== 'approved') return { mortgage_id, closed: false };
    if (found.heldBy) return refuseHeld('the mortgage', found.heldBy);
    return { mortgage_id, closed: await change(tx, mortgage_id, 'approved', 'closed') };
  },

  async undo(tx, { mortgage_id, closed }) {
    if (closed && !(await change(tx, mortgage_id, 'closed', 'approved')))
      throw new CannotUndo('the mortgage is not closed');
  },
});

type Status = 'approved' | 'closed';

async function change(tx: Transaction, id: string, from: Status, to: Status): Promise<boolean> {
  const changed = await tx
    .update(application)
    .set({ status: to, modifiedAt: sql`now()` })
    .where(and(eq(application.id, id), eq(application.status, from), isNull(application.heldBy)))
    .returning({ id: application.id });
  return changed.length === 1;
}
