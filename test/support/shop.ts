import { inventoryOf, rowsOf, stock } from './purchases.ts';
import type { System } from './system.ts';

type Line = [product: string, amount: number];

/** Purchases of a system, in both modes, and what they leave. */
export function shopOf(system: Pick<System, 'sql' | 'start'>) {
  const { sql } = system;
  const basket = (...lines: Line[]) => ({
    purchase_items: lines.map(([product_id, amount]) => ({ product_id, amount })),
    payment: { currency_code: 'NT' },
  });

  return {
    basket,
    buy: (...lines: Line[]) => system.start('purchase', basket(...lines)),
    choreograph: (...lines: Line[]) =>
      system.start('purchase', { ...basket(...lines), mode: 'choreographed' }),
    inventoryOf: (id: string) => inventoryOf(system, id),
    product: (one?: { price?: number; inventory?: number }) => stock(system, one),
    async rowsOf(id: string) {
      const reservations = await sql.product`select amount::int from reservation where saga_id = ${id}`;
      return { ...(await rowsOf(system, id)), reservations };
    },
  };
}
