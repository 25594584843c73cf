import { asc, eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { refuseHeld } from '../../guard/refuse-held.ts';
import { markUndone } from '../../guard/undone.ts';
import { customer, customerClaim } from './schema.ts';

const inOrder = [asc(customerClaim.at), asc(customerClaim.claimedBy)];

/** The sagas that have claimed the customer, and when: the first first. */
export const claimsOn = ({ query }: Database, id: string): Promise<{ sagaId: string; at: Date }[]> =>
  query
    .select({ sagaId: customerClaim.claimedBy, at: customerClaim.at })
    .from(customerClaim)
    .where(eq(customerClaim.customerId, id))
    .orderBy(...inOrder);

/** Answers whether there was one. Refuses while a saga has claimed the customer that is not among those `over`. */
export function deleteCustomer(database: Database, id: string, over: readonly string[]): Promise<boolean> {
  const ended = new Set(over);
  return database.transaction(async (tx) => {
    const [found] = await tx.select().from(customer).where(eq(customer.id, id)).for('update');
    if (!found) return false;
    const claims = await tx
      .select()
      .from(customerClaim)
      .where(eq(customerClaim.customerId, id))
      .orderBy(...inOrder);
    const live = claims.find(({ claimedBy }) => !ended.has(claimedBy));
    if (live) return refuseHeld('the customer', live.claimedBy);
    await markUndone(tx, [found, ...claims]);
    await tx.delete(customerClaim).where(eq(customerClaim.customerId, id));
    await tx.delete(customer).where(eq(customer.id, id));
    return true;
  });
}
