import { uuidv7 } from 'uuidv7';
import { implement } from '../../guard/implement.ts';
import { claim, release } from './claim.ts';
import { findCustomerByEmail } from './find-customers.ts';
import { customer } from './schema.ts';
import * as steps from './steps.ts';

export const registerCustomer = implement(steps.registerCustomer, {
  async do(tx, { name, email }, stamp) {
    const [created] = await tx
      .insert(customer)
      .values({ id: uuidv7(), name, email, ...stamp })
      .onConflictDoNothing()
      .returning({ id: customer.id });
    const id = created?.id ?? (await findCustomerByEmail({ query: tx }, email));
    if (id === undefined) throw new Error('the customer was deregistered concurrently');
    await claim(tx, id, stamp);
    return { customer_id: id, registered: created !== undefined };
  },

  async undo(tx, { customer_id }, stamp) {
    await release(tx, customer_id, stamp.sagaId);
  },
});
