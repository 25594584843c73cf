import { eq } from 'drizzle-orm';
import { implement } from '../../guard/implement.ts';
import { refuseHeld } from '../../guard/refuse-held.ts';
import { CannotUndo } from '../../saga/errors.ts';
import { changeStatus } from './application-status.ts';
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
    const change = { from: 'approved', to: 'closed', holder: null, held: false } as const;
    return { mortgage_id, closed: await changeStatus(tx, mortgage_id, change) };
  },

  async undo(tx, { mortgage_id, closed }) {
    const change = { from: 'closed', to: 'approved', holder: null, held: false } as const;
    if (!closed || (await changeStatus(tx, mortgage_id, change))) return;
    // A client may have deleted it since.
    if ((await tx.$count(application, eq(application.id, mortgage_id))) > 0)
      throw new CannotUndo('the mortgage is not closed');
  },
});
