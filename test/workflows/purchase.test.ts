import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

async function product({ price = 100, inventory = 10 } = {}): Promise<string> {
  const id = crypto.randomUUID();
  await system.sql.product`
    insert into product (id, name, description, brand_name, price, inventory)
    values (${id}, 'pen', 'writes', 'quill', ${price * 100}, ${inventory})`;
  return id;
}

const payment = { currency_code: 'NT' };
const buy = (...lines: [product: string, amount: number][]) =>
  system.start('purchase', {
    purchase_items: lines.map(([product_id, amount]) => ({ product_id, amount })),
    payment,
  });
const inventoryOf = async (id: string) =>
  (await system.sql.product`select inventory::int from product where id = ${id}`)[0]?.['inventory'];
const rowsOf = async (id: string) => {
  const { order, payment, delivery } = system.sql;
  const [orders, payments, deliveries, entries] = await Promise.all([
    order`select status from "order" where id = ${id}`,
    payment`select status, amount::int, currency_code from payment where id = ${id}`,
    delivery`select id, status from delivery where order_id = ${id}`,
    payment`select sum(amount)::int as cash from ledger_entry where payment_id = ${id} and account = 'cash'`,
  ]);
  return { orders, payments, deliveries, cash: entries[0]?.['cash'] ?? 0 };
};

describe('a purchase', () => {
  test('takes the stock, creates order, payment and delivery, and completes the order', async () => {
    const [pen, ink] = [await product(), await product({ price: 2.5 })];
    const id = await buy([pen, 2], [ink, 4]);
    const { state, result } = await system.untilEnded(id);
    const { orders, payments, deliveries, cash } = await rowsOf(id);
    expect({ state, result }).toEqual({
      state: 'completed',
      result: { order_id: id, payment_id: id, delivery_id: deliveries[0]?.['id'] },
    });
    expect(orders).toEqual([{ status: 'completed' }]);
    expect(payments).toEqual([{ status: 'paid', amount: 21_000, currency_code: 'NT' }]);
    expect(cash).toBe(21_000);
    expect([await inventoryOf(pen), await inventoryOf(ink)]).toEqual([8, 6]);
    const items = await system.sql.order`
      select product_id, amount::int, price::int from order_item where order_id = ${id} order by price desc`;
    expect(items).toEqual([
      { product_id: pen, amount: 2, price: 10_000 },
      { product_id: ink, amount: 4, price: 250 },
    ]);
  });

  test('of two lines of one product is one line of the order', async () => {
    const pen = await product();
    const id = await buy([pen, 1], [pen.toUpperCase(), 2]);
    expect((await system.untilEnded(id)).state).toBe('completed');
    const items = await system.sql.order`select amount::int from order_item where order_id = ${id}`;
    expect(items).toEqual([{ amount: 3 }]);
    expect(await inventoryOf(pen)).toBe(7);
  });

  test('of more than is left is refused, and nothing is left of it', async () => {
    const [pen, ink] = [await product({ inventory: 1 }), await product()];
    const id = await buy([ink, 1], [pen, 2]);
    const { state, errors } = await system.untilEnded(id);
    expect([state, errors.execution[0]?.message]).toEqual([
      'compensated',
      `only 1 are left of product ${pen}, and 2 are wanted`,
    ]);
    expect(await rowsOf(id)).toEqual({ orders: [], payments: [], deliveries: [], cash: 0 });
    expect([await inventoryOf(pen), await inventoryOf(ink)]).toEqual([1, 10]);
  });

  test('of an unknown product is refused', async () => {
    const unknown = crypto.randomUUID();
    const { state, errors } = await system.untilEnded(await buy([unknown, 1]));
    expect([state, errors.execution[0]?.message]).toEqual(['compensated', `there is no product ${unknown}`]);
  });

  test('above 10,000 has insufficient funds, and is undone in reverse order', async () => {
    const pen = await product({ price: 5_000.01 });
    const id = await buy([pen, 2]);
    const saga = await system.untilEnded(id);
    expect(saga.errors.execution[0]).toMatchObject({
      step: 'create-payment',
      type: 'refused',
      message: 'insufficient funds',
    });
    expect(stepsOf(saga).slice(3)).toEqual([
      'undo create-payment nothing-to-undo',
      'undo create-order done',
      'undo reserve-inventory done',
    ]);
    expect((await rowsOf(id)).orders).toEqual([{ status: 'cancelled' }]);
    expect(await inventoryOf(pen)).toBe(10);
  });

  test('that fails at its delivery is refunded', async () => {
    const pen = await product();
    const saga_id = crypto.randomUUID();
    system.config.failpoints.push({
      saga: saga_id,
      step: 'create-delivery',
      op: 'do',
      at: 'after_commit',
      do: 'refuse',
    });
    const body = { purchase_items: [{ product_id: pen, amount: 1 }], payment };
    await system.call('POST', '/start', { saga_id, type: 'purchase', ...body });
    expect((await system.untilEnded(saga_id)).state).toBe('compensated');
    expect(await rowsOf(saga_id)).toMatchObject({
      orders: [{ status: 'cancelled' }],
      payments: [{ status: 'refunded' }],
      deliveries: [{ status: 'cancelled' }],
      cash: 0,
    });
    expect(await inventoryOf(pen)).toBe(10);
  });
});

test('many purchases at once of the last pieces: as many succeed as there are pieces, and the rest is undone', async () => {
  const pen = await product({ inventory: 20 });
  const ids = await Promise.all(Array.from({ length: 100 }, () => buy([pen, 1])));
  const states = new Map<string, number>();
  for (const id of ids) {
    await expect
      .poll(async () => (await system.get(id)).state, { timeout: 100_000, interval: 200 })
      .toBeOneOf(['completed', 'compensated']);
    const { state } = await system.get(id);
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  expect(Object.fromEntries(states)).toEqual({ completed: 20, compensated: 80 });
  expect(await inventoryOf(pen)).toBe(0);
  const [sold] = await system.sql.payment`
    select sum(amount)::int as cash from ledger_entry where account = 'cash' and payment_id in ${system.sql.payment(ids)}`;
  expect(sold).toEqual({ cash: 20 * 10_000 });
}, 150_000);
