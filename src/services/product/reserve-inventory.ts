import { and, asc, eq, gte, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Transaction } from '../../guard/database.ts';
import { implement } from '../../guard/implement.ts';
import { maxMoney } from '../../money/money.ts';
import { refuse } from '../../saga/errors.ts';
import { mergeLines } from './merge-lines.ts';
import { product, reservation } from './schema.ts';
import * as steps from './steps.ts';

export const reserveInventory = implement(steps.reserveInventory, {
  async do(tx, { purchase_items }, stamp) {
    const purchased_items = [];
    let total = 0n;
    for (const { product_id, amount } of mergeLines(purchase_items)) {
      const { name, description, brandName, price } = await take(tx, product_id, amount);
      await tx.insert(reservation).values({ id: uuidv7(), productId: product_id, amount, ...stamp });
      purchased_items.push({ product_id, amount, name, description, brand_name: brandName, price });
      total += price * BigInt(amount);
    }
    if (total > maxMoney) refuse('the purchase is above 1000000000000.00');
    return { purchased_items, total };
  },

  async undo(tx, _done, { sagaId, sagaStep, sagaGeneration }) {
    const own = and(
      eq(reservation.sagaId, sagaId),
      eq(reservation.sagaStep, sagaStep),
      eq(reservation.sagaGeneration, sagaGeneration),
    );
    const rows = await tx.select().from(reservation).where(own).orderBy(asc(reservation.productId));
    for (const { productId, amount } of rows)
      await tx
        .update(product)
        .set({ inventory: sql`${product.inventory} + ${amount}` })
        .where(eq(product.id, productId));
    await tx.delete(reservation).where(own);
  },
});

async function take(tx: Transaction, id: string, amount: number) {
  const [taken] = await tx
    .update(product)
    .set({ inventory: sql`${product.inventory} - ${amount}` })
    .where(and(eq(product.id, id), gte(product.inventory, amount)))
    .returning();
  if (taken) return taken;
  const [known] = await tx.select({ left: product.inventory }).from(product).where(eq(product.id, id));
  if (!known) refuse(`there is no product ${id}`);
  refuse(`only ${known.left} are left of product ${id}, and ${amount} are wanted`);
}
