import { and, eq } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import { order } from './schema.ts';

/** Returns false if the order is not open. */
export async function changeStatus(tx: Transaction, id: string, to: 'completed' | 'cancelled') {
  const { count } = await tx
    .update(order)
    .set({ status: to })
    .where(and(eq(order.id, id), eq(order.status, 'created')));
  return count === 1;
}
