import { and, eq } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import type { Stamp } from '../../guard/implement.ts';
import { customerClaim } from './schema.ts';

/** A saga may claim a customer twice; it holds one claim. */
export async function claim(tx: Transaction, customerId: string, stamp: Stamp) {
  await tx
    .insert(customerClaim)
    .values({ customerId, claimedBy: stamp.sagaId, ...stamp })
    .onConflictDoNothing();
}

export async function release(tx: Transaction, customerId: string, sagaId: string) {
  await tx
    .delete(customerClaim)
    .where(and(eq(customerClaim.customerId, customerId), eq(customerClaim.claimedBy, sagaId)));
}
