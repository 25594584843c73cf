import { and, eq } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import type { Stamp } from '../../guard/implement.ts';
import { isUndone, writerOf } from '../../guard/undone.ts';
import { customer, customerClaim } from './schema.ts';

/** A saga may claim a customer twice; it holds one claim. */
export async function claim(tx: Transaction, customerId: string, stamp: Stamp) {
  await tx
    .insert(customerClaim)
    .values({ customerId, claimedBy: stamp.sagaId, ...stamp })
    .onConflictDoNothing();
}

/** Deletes the customer too, if the saga that registered it was undone and nobody else has claimed it. */
export async function release(tx: Transaction, customerId: string, sagaId: string) {
  await tx
    .delete(customerClaim)
    .where(and(eq(customerClaim.customerId, customerId), eq(customerClaim.claimedBy, sagaId)));
  await deregisterUnwanted(tx, customerId);
}

/** The lock makes a claim that is being made visible to the statement that counts them. */
async function deregisterUnwanted(tx: Transaction, id: string) {
  const [found] = await tx.select().from(customer).where(eq(customer.id, id)).for('update');
  const registrar = found && writerOf(found);
  if (!registrar || (await tx.$count(customerClaim, eq(customerClaim.customerId, id))) > 0) return;
  if (await isUndone(tx, registrar)) await tx.delete(customer).where(eq(customer.id, id));
}
