import { asc, eq, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Database, Transaction } from '../../guard/database.ts';
import { isRow } from '../../guard/guard.ts';
import { refuseHeld } from '../../guard/refuse-held.ts';
import { sagaStep } from '../../guard/schema.ts';
import { markUndone, writerOf } from '../../guard/undone.ts';
import { createCustomer } from './create-customer.ts';
import type { customerRow } from './resource.ts';
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
    await forgetPerson(tx, found);
    await tx.delete(customerClaim).where(eq(customerClaim.customerId, id));
    await tx.delete(customer).where(eq(customer.id, id));
    return true;
  });
}

/** Stands for a deleted person in the stored result. No customer has an empty name. */
const forgotten = { name: '', email: '' };

export const isForgotten = ({ name }: z.input<typeof customerRow>): boolean => name === forgotten.name;

/** The stored result of the request that created the customer has name and e-mail address too. */
async function forgetPerson(tx: Transaction, row: typeof customer.$inferSelect) {
  const writer = writerOf(row);
  if (writer?.sagaStep !== createCustomer.contract.name) return;
  await tx
    .update(sagaStep)
    .set({ result: sql`${sagaStep.result} || ${JSON.stringify(forgotten)}::jsonb` })
    .where(isRow({ saga_id: writer.sagaId, step: writer.sagaStep, generation: writer.sagaGeneration }, 'do'));
}
