import type { System } from './system.ts';

type Sql = Pick<System, 'sql'>;

/** Puts a product on the shelf. */
export async function stock({ sql }: Sql, { price = 100, inventory = 10 } = {}): Promise<string> {
  const id = crypto.randomUUID();
  await sql.product`
    insert into product (id, name, description, brand_name, price, inventory)
    values (${id}, 'pen', 'writes', 'quill', ${Math.round(price * 100)}, ${inventory})`;
  return id;
}

export async function inventoryOf({ sql }: Sql, product: string): Promise<number> {
  const [row] = await sql.product`select inventory::int from product where id = ${product}`;
  return row?.['inventory'];
}

/** What a purchase has left in the services' databases. */
export async function rowsOf({ sql }: Sql, id: string) {
  const [orders, payments, deliveries, entries] = await Promise.all([
    sql.order`select status from "order" where id = ${id}`,
    sql.payment`select status, amount::int, currency_code from payment where id = ${id}`,
    sql.delivery`select id, status from delivery where order_id = ${id}`,
    sql.payment`select sum(amount)::int as cash from ledger_entry where payment_id = ${id} and account = 'cash'`,
  ]);
  return { orders, payments, deliveries, cash: entries[0]?.['cash'] ?? 0 };
}

/** What all purchases there ever were have left that counts: of those that were undone, nothing. */
export async function standing({ sql }: Sql) {
  const [orders, payments, deliveries, [reserved], [ledger]] = await Promise.all([
    sql.order`select id from "order" where status <> 'cancelled' order by id`,
    sql.payment`select id from payment where status <> 'refunded' order by id`,
    sql.delivery`select order_id as id from delivery where status <> 'cancelled' order by order_id`,
    sql.product`select coalesce(sum(amount), 0)::int as pieces from reservation`,
    sql.payment`
      select coalesce(sum(amount) filter (where account = 'cash'), 0)::int as cash,
        coalesce(sum(amount) filter (where account = 'sales'), 0)::int as sales from ledger_entry`,
  ]);
  const ids = (rows: typeof orders) => rows.map((row) => row['id']);
  return {
    orders: ids(orders),
    payments: ids(payments),
    deliveries: ids(deliveries),
    reserved: reserved?.['pieces'],
    cash: ledger?.['cash'],
    sales: ledger?.['sales'],
  };
}

/** The states of the newest purchases. */
export async function purchaseStates({ call }: Pick<System, 'call'>, count: number) {
  const byId = new Map<string, string>();
  for (let cursor = ''; byId.size < count; ) {
    const limit = Math.min(100, count - byId.size);
    const { body } = await call('GET', `/sagas?type=purchase&limit=${limit}${cursor}`);
    for (const { saga_id, state } of body.items) byId.set(saga_id, state);
    if (!body.next_cursor) break;
    cursor = `&cursor=${encodeURIComponent(body.next_cursor)}`;
  }
  const counts: Record<string, number> = {};
  for (const state of byId.values()) counts[state] = (counts[state] ?? 0) + 1;
  return { byId, counts };
}
