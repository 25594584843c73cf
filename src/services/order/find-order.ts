import { and, asc, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { asNumber } from '../../money/decimal.ts';
import { money } from '../../money/money.ts';
import { order, orderItem } from './schema.ts';

export const orderRow = z
  .object({
    id: z.guid(),
    status: z.enum(order.status.enumValues),
    purchased_items: z.array(
      z.object({
        product_id: z.guid(),
        name: z.string(),
        description: z.string(),
        brand_name: z.string(),
        price: asNumber(money),
        amount: z.int(),
      }),
    ),
  })
  .meta({ id: 'Order' });

/** The account of the order, if there is one. */
export async function findBuyer({ query }: Database, id: string): Promise<string | undefined> {
  const { accountId } = order;
  const [found] = await query.select({ accountId }).from(order).where(eq(order.id, id));
  return found?.accountId ?? undefined;
}

/** Undefined if the account has no such order. */
export async function findOrder({ query }: Database, id: string, accountId: string) {
  const [found] = await query
    .select({ id: order.id, status: order.status })
    .from(order)
    .where(and(eq(order.id, id), eq(order.accountId, accountId)));
  if (!found) return undefined;
  const purchased_items = await query
    .select({
      product_id: orderItem.productId,
      name: orderItem.name,
      description: orderItem.description,
      brand_name: orderItem.brandName,
      price: orderItem.price,
      amount: orderItem.amount,
    })
    .from(orderItem)
    .where(eq(orderItem.orderId, id))
    .orderBy(asc(orderItem.productId));
  return z.encode(orderRow, { ...found, purchased_items });
}
