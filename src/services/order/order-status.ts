import { and, eq, sql } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import { order } from './schema.ts';

/** Returns false if the order is not open. */
export async function changeStatus(tx: Transaction, id: string, to: 'completed' | 'cancelled') {
  const changed = await tx
    .update(order)
    .set({ status: to, modifiedAt: sql`now()` })
    .where(and(eq(order.id, id), eq(order.status, 'created')))
    .returning({ id: order.id });
  return changed.length === 1;
}
