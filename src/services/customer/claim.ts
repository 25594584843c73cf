import { and, eq } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import type { Stamp } from '../../guard/implement.ts';
import { isUndone, writerOf } from '../../guard/undone.ts';
import { customer, customerClaim } from './schema.ts';

/** Idempotent: a saga holds at most one claim on a customer. */
export async function claim(tx: Transaction, customerId: string, stamp: Stamp) {
  await tx
    .insert(customerClaim)
    .values({ customerId, claimedBy: stamp.sagaId, ...stamp })
    .onConflictDoNothing();
}

/** Also deletes the customer if its registration was undone and no other saga claims it. */
export async function release(tx: Transaction, customerId: string, sagaId: string) {
  await tx
    .delete(customerClaim)
    .where(and(eq(customerClaim.customerId, customerId), eq(customerClaim.claimedBy, sagaId)));
  await deregisterUnwanted(tx, customerId);
}

/** The lock waits for concurrent claims, so that the count sees them. */
async function deregisterUnwanted(tx: Transaction, id: string) {
  const [found] = await tx.select().from(customer).where(eq(customer.id, id)).for('update');
  const registrar = found && writerOf(found);
  if (!registrar || (await tx.$count(customerClaim, eq(customerClaim.customerId, id))) > 0) return;
  if (await isUndone(tx, registrar)) await tx.delete(customer).where(eq(customer.id, id));
}
