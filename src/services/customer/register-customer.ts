import { sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Transaction } from '../../guard/database.ts';
import { implement } from '../../guard/implement.ts';
import { claim, release } from './claim.ts';
import { customer } from './schema.ts';
import * as steps from './steps.ts';

export const registerCustomer = implement(steps.registerCustomer, {
  async do(tx, { name, email }, stamp) {
    const [created] = await tx
      .insert(customer)
      .values({ id: uuidv7(), name, email, ...stamp })
      .onConflictDoNothing()
      .returning({ id: customer.id });
    const id = created?.id ?? (await findByEmail(tx, email));
    await claim(tx, id, stamp);
    return { customer_id: id, registered: created !== undefined };
  },

  async undo(tx, { customer_id }, stamp) {
    await release(tx, customer_id, stamp.sagaId);
  },
});

async function findByEmail(tx: Transaction, email: string): Promise<string> {
  const [found] = await tx
    .select({ id: customer.id })
    .from(customer)
    .where(sql`lower(${customer.email}) = lower(${email})`);
  if (!found) throw new Error('the customer was deregistered at this moment');
  return found.id;
}
