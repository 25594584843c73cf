import type { System } from './system.ts';

type Line = [product: string, amount: number];

/** What a purchase is told by: rows of all services, and how to begin one. */
export function shopOf(system: Pick<System, 'sql' | 'start'>) {
  const { sql } = system;

  async function product({ price = 100, inventory = 10 } = {}): Promise<string> {
    const id = crypto.randomUUID();
    await sql.product`
      insert into product (id, name, description, brand_name, price, inventory)
      values (${id}, 'pen', 'writes', 'quill', ${Math.round(price * 100)}, ${inventory})`;
    return id;
  }

  const basket = (...lines: Line[]) => ({
    purchase_items: lines.map(([product_id, amount]) => ({ product_id, amount })),
    payment: { currency_code: 'NT' },
  });

  async function rowsOf(id: string) {
    const [orders, payments, deliveries, reservations, [entries]] = await Promise.all([
      sql.order`select status from "order" where id = ${id}`,
      sql.payment`select status, amount::int, currency_code from payment where id = ${id}`,
      sql.delivery`select status from delivery where order_id = ${id}`,
      sql.product`select amount::int from reservation where saga_id = ${id}`,
      sql.payment`
        select coalesce(sum(amount), 0)::int as cash from ledger_entry
        where payment_id = ${id} and account = 'cash'`,
    ]);
    return { orders, payments, deliveries, reservations, cash: entries?.['cash'] };
  }

  return {
    basket,
    product,
    rowsOf,
    buy: (...lines: Line[]) => system.start('purchase', basket(...lines)),
    choreograph: (...lines: Line[]) =>
      system.start('purchase', { ...basket(...lines), mode: 'choreographed' }),
    inventoryOf: async (id: string) =>
      (await sql.product`select inventory::int from product where id = ${id}`)[0]?.['inventory'],
  };
}
