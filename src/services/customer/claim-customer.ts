import { eq } from 'drizzle-orm';
import { implement } from '../../guard/implement.ts';
import { refuse } from '../../saga/errors.ts';
import { claim, release } from './claim.ts';
import { customer } from './schema.ts';
import * as steps from './steps.ts';

export const claimCustomer = implement(steps.claimCustomer, {
  async do(tx, { customer_id }, stamp) {
    const [found] = await tx
      .select({ id: customer.id })
      .from(customer)
      .where(eq(customer.id, customer_id))
      .for('key share');
    if (!found) refuse(`there is no customer ${customer_id}`);
    await claim(tx, found.id, stamp);
    return { customer_id: found.id };
  },

  async undo(tx, { customer_id }, stamp) {
    await release(tx, customer_id, stamp.sagaId);
  },
});
