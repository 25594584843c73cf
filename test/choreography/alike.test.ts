import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Failpoint } from '../../src/guard/failpoints.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
beforeAll(async () => {
  system = await startSystem();
  shop = shopOf(system);
});
afterAll(() => system.end());

const modes = ['orchestrated', 'choreographed'] as const;
type Mode = (typeof modes)[number];

const steps = ['create-order', 'create-payment', 'reserve-inventory', 'create-delivery', 'complete-order'];

/** Transient faults: an attempt fails, or its response is lost. */
const trouble = fc.record({
  step: fc.constantFrom(...steps),
  op: fc.constantFrom('do', 'undo'),
  at: fc.constantFrom('before', 'after_commit'),
});

/** Up to three products, and purchases in sequence. */
const worlds = fc.record({
  products: fc.array(
    fc.record({
      price: fc.constantFrom(0.01, 99.99, 2_500, 10_000.01),
      inventory: fc.integer({ min: 0, max: 12 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  purchases: fc.array(
    fc.record({
      lines: fc.array(fc.record({ product: fc.nat(2), amount: fc.integer({ min: 1, max: 3 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
      trouble: fc.option(trouble),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

/** Runs the purchases and returns the final rows. */
async function live({ products, purchases }: World, mode: Mode) {
  const ids: string[] = [];
  for (const one of products) ids.push(await shop.product(one));
  const left = [];
  for (const { lines, trouble } of purchases) {
    const saga_id = crypto.randomUUID();
    const fault: Failpoint | undefined = trouble
      ? { ...trouble, saga: saga_id, do: 'error', times: 1 }
      : undefined;
    if (fault) system.config.failpoints.push(fault);
    const basket = shop.basket(
      ...lines.map(({ product, amount }): [string, number] => [ids[product % ids.length] ?? '', amount]),
    );
    const body = { saga_id, type: 'purchase', ...basket, mode };
    // While the machine is busy, a start may have to be sent again.
    const start = async () => (await system.call('POST', '/start', body)).status;
    await expect.poll(start, { timeout: 30_000 }).toBe(202);
    const { state } = await system.untilEnded(saga_id);
    const { orders, payments, deliveries, reservations, cash } = await shop.rowsOf(saga_id);
    left.push({
      state,
      cash,
      paid: payments.filter(({ status }) => status === 'paid'),
      liveOrders: orders.filter(({ status }) => status !== 'cancelled'),
      liveDeliveries: deliveries.filter(({ status }) => status !== 'cancelled').length,
      reserved: reservations.map(({ amount }) => amount).sort(),
    });
  }
  return { left, stock: await Promise.all(ids.map(shop.inventoryOf)) };
}

const seed = Number(process.env['SEED'] ?? 20_261_121);
const runs = Number(process.env['WORLDS'] ?? 12);

test(`both modes leave the same stock, money, orders and deliveries (SEED=${seed} WORLDS=${runs})`, async () => {
  const some = fc.sample(worlds, { seed, numRuns: runs });
  const ended = new Map<string, number>();
  await Promise.all(
    some.map(async (world) => {
      const [orchestrated, choreographed] = await Promise.all(modes.map((mode) => live(world, mode)));
      expect(choreographed, JSON.stringify(world)).toEqual(orchestrated);
      for (const { state } of choreographed?.left ?? []) ended.set(state, (ended.get(state) ?? 0) + 1);
    }),
  );
  // Both outcomes occur often enough.
  expect([...ended.keys()].sort()).toEqual(['compensated', 'completed']);
  expect(Math.min(...ended.values())).toBeGreaterThanOrEqual(runs / 2);
}, 300_000);
