import { afterAll, beforeAll, expect, test } from 'vitest';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';
import { auditOf } from './support.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
let auditing: ReturnType<typeof auditOf>;
beforeAll(async () => {
  system = await startSystem();
  shop = shopOf(system);
  auditing = auditOf(system);
});
afterAll(async () => {
  await auditing.end();
  await system.end();
});

test('nothing is found while purchases of both modes run and are undone, nor afterwards', async () => {
  const pen = await shop.product({ inventory: 6 });
  const dear = await shop.product({ price: 10_001, inventory: 100 });
  const running = Promise.all(
    Array.from({ length: 24 }, async (_, index) => {
      const begin = index % 2 === 0 ? shop.buy : shop.choreograph;
      await system.untilEnded(await begin([index % 3 === 0 ? dear : pen, 1]));
    }),
  );
  let done = false;
  void running.finally(() => {
    done = true;
  });
  for (let looks = 0; !done || looks < 3; looks++) expect(await auditing.findings()).toEqual([]);
  await running;
}, 120_000);

test('an order that is completed and not paid, or not reserved, and one that is cancelled and paid or delivered, are found', async () => {
  const pen = await shop.product();
  const [sold, undone] = [await shop.choreograph([pen, 1]), await shop.choreograph([pen, 1])];
  for (const id of [sold, undone]) await system.untilEnded(id);
  await auditing.tamper('payment', `update payment set status = 'refunded' where id = '${sold}'`);
  await auditing.tamper(
    'product',
    `update reservation set saga_id = null, saga_step = null, saga_generation = null, saga_op = null where saga_id = '${sold}'`,
  );
  await auditing.tamper('order', `update "order" set status = 'cancelled' where id = '${undone}'`);
  expect(await auditing.findings()).toEqual(
    expect.arrayContaining([
      `order ${sold} is completed and not paid`,
      `order ${sold} is completed and nothing is reserved for it`,
      `order ${undone} is cancelled and paid: not refunded, unless its saga is parked and still will`,
      `order ${undone} is cancelled and will be delivered`,
    ]),
  );
});

test('half a movement of money, and a refund that is not in the ledger, are found', async () => {
  const pen = await shop.product({ inventory: 100 });
  const before = await auditing.findings();
  const sold = await shop.buy([pen, 1]);
  const fault = {
    saga: crypto.randomUUID(),
    step: 'create-delivery',
    op: 'do',
    at: 'before',
    do: 'refuse',
  } as const;
  system.config.failpoints.push(fault);
  await system.call('POST', '/start', { saga_id: fault.saga, type: 'purchase', ...shop.basket([pen, 1]) });
  expect((await system.untilEnded(sold)).state).toBe('completed');
  expect((await system.untilEnded(fault.saga)).state).toBe('compensated');

  const sales = `payment_id = '${sold}' and account = 'sales'`;
  await auditing.tamper('payment', `update ledger_entry set amount = amount - 100 where ${sales}`);
  const reversal = `payment_id = '${fault.saga}' and saga_op = 'undo'`;
  await auditing.tamper('payment', `delete from ledger_entry where ${reversal}`);
  const found = (await auditing.findings()).filter((line) => !before.includes(line));
  expect(found).toEqual([
    `do create-payment of ${sold} is off by -1.00`,
    `purchase ${fault.saga} is refunded, and its entries do not say so`,
  ]);
});

test('a step, or its compensation, without its event is found', async () => {
  const pen = await shop.product({ inventory: 1 });
  // Only what comes after the first event of a type must have one.
  await system.untilEnded(await shop.choreograph([pen, 2]));
  const id = await shop.choreograph([pen, 2]);
  expect((await system.untilEnded(id)).state).toBe('compensated');
  await auditing.tamper('payment', `delete from saga_outbox where saga_id = '${id}'`);
  expect(await auditing.findings()).toEqual(
    expect.arrayContaining([
      `payment.processed of ${id} was never published`,
      `payment.refunded of ${id} was never published`,
    ]),
  );
});
