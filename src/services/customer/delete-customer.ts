import { asc, eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { refuseHeld } from '../../guard/refuse-held.ts';
import { markUndone } from '../../guard/undone.ts';
import { customer, customerClaim } from './schema.ts';

const inOrder = [asc(customerClaim.at), asc(customerClaim.claimedBy)];

/** Oldest first. */
export const claimsOn = ({ query }: Database, id: string): Promise<{ sagaId: string; at: Date }[]> =>
  query
    .select({ sagaId: customerClaim.claimedBy, at: customerClaim.at })
    .from(customerClaim)
    .where(eq(customerClaim.customerId, id))
    .orderBy(...inOrder);

/** Returns false if there is none. Refuses if a saga outside `over` claims the customer. */
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
