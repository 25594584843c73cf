import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inventoryOf, purchaseStates, rowsOf, standing, stock } from '../support/purchases.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const product = (given: { price?: number; inventory?: number } = {}) => stock(system, given);

const payment = { currency_code: 'NT' };
const buy = (...lines: [product: string, amount: number][]) =>
  system.start('purchase', {
    purchase_items: lines.map(([product_id, amount]) => ({ product_id, amount })),
    payment,
  });

describe('a purchase', () => {
  test('takes the stock, creates order, payment and delivery, and completes the order', async () => {
    const [pen, ink] = [await product(), await product({ price: 2.5 })];
    const id = await buy([pen, 2], [ink, 4]);
    const { state, result } = await system.untilEnded(id);
    const { orders, payments, deliveries, cash } = await rowsOf(system, id);
    expect({ state, result }).toEqual({
      state: 'completed',
      result: { order_id: id, payment_id: id, delivery_id: deliveries[0]?.['id'] },
    });
    expect(orders).toEqual([{ status: 'completed' }]);
    expect(payments).toEqual([{ status: 'paid', amount: 21_000, currency_code: 'NT' }]);
    expect(cash).toBe(21_000);
    expect([await inventoryOf(system, pen), await inventoryOf(system, ink)]).toEqual([8, 6]);
    const items = await system.sql.order`
      select product_id, amount::int, price::int from order_item where order_id = ${id} order by price desc`;
    expect(items).toEqual([
      { product_id: pen, amount: 2, price: 10_000 },
      { product_id: ink, amount: 4, price: 250 },
    ]);
  });

  test('of more than is left is refused, and nothing is left of it', async () => {
    const [pen, ink] = [await product({ inventory: 1 }), await product()];
    const id = await buy([ink, 1], [pen, 2]);
    const { state, errors } = await system.untilEnded(id);
    expect([state, errors.execution[0]?.message]).toEqual([
      'compensated',
      `only 1 are left of product ${pen}, and 2 are wanted`,
    ]);
    expect(await rowsOf(system, id)).toEqual({ orders: [], payments: [], deliveries: [], cash: 0 });
    expect([await inventoryOf(system, pen), await inventoryOf(system, ink)]).toEqual([1, 10]);
  });

  test('of an unknown product is refused', async () => {
    const unknown = crypto.randomUUID();
    const { state, errors } = await system.untilEnded(await buy([unknown, 1]));
    expect([state, errors.execution[0]?.message]).toEqual(['compensated', `there is no product ${unknown}`]);
  });

  test('of exactly 10,000 is paid', async () => {
    const id = await buy([await product({ price: 5_000 }), 2]);
    expect((await system.untilEnded(id)).state).toBe('completed');
    expect(await rowsOf(system, id)).toMatchObject({ payments: [{ status: 'paid' }], cash: 1_000_000 });
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
    expect((await rowsOf(system, id)).orders).toEqual([{ status: 'cancelled' }]);
    expect(await inventoryOf(system, pen)).toBe(10);
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
    expect(await rowsOf(system, saga_id)).toMatchObject({
      orders: [{ status: 'cancelled' }],
      payments: [{ status: 'refunded' }],
      deliveries: [{ status: 'cancelled' }],
      cash: 0,
    });
    expect(await inventoryOf(system, pen)).toBe(10);
  });
});

/** Five hundred: `PURCHASES=500 npm test -- test/workflows/purchase.test.ts`, some five minutes. */
const many = Number(process.env['PURCHASES'] ?? 60);
const pieces = Math.floor(many / 5);

test.each(['orchestrated', 'choreographed'] as const)(
  'many purchases at once of the last pieces, %s: as many succeed as there are pieces, and the rest is undone',
  async (mode) => {
    const before = await standing(system);
    const pen = await product({ inventory: pieces });
    const basket = { purchase_items: [{ product_id: pen, amount: 1 }], payment, mode };
    const ids = await Promise.all(Array.from({ length: many }, () => system.start('purchase', basket)));
    await expect
      .poll(async () => (await purchaseStates(system, many)).counts, {
        timeout: 60_000 + many * 1_000,
        interval: 1_000,
      })
      .toEqual({ completed: pieces, compensated: many - pieces });
    const { byId } = await purchaseStates(system, many);
    expect([...byId.keys()].sort()).toEqual(ids.sort());

    expect(await inventoryOf(system, pen)).toBe(0);
    const after = await standing(system);
    const sold = after.orders.filter((id) => !before.orders.includes(id));
    expect(sold).toHaveLength(pieces);
    const andSold = (earlier: string[]) => [...earlier, ...sold].sort();
    expect(after).toEqual({
      orders: andSold(before.orders),
      payments: andSold(before.payments),
      deliveries: andSold(before.deliveries),
      reserved: before.reserved + pieces,
      cash: before.cash + pieces * 10_000,
      sales: before.sales - pieces * 10_000,
    });
  },
  120_000 + many * 1_500,
);
