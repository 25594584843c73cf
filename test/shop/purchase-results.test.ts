import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type System, startSystem } from '../support/system.ts';
import { has, lines, type Shop, shopOn } from './support.ts';

let system: System;
let shop: Shop;
beforeAll(async () => {
  system = await startSystem({ workflows: 'matrix-continue' });
  shop = shopOn(system);
});
afterAll(() => system.end());

const last = 'CREATE_DELIVERY STATUS_SUCCESS';
const allSteps = ['UPDATE_PRODUCT_INVENTORY', 'CREATE_ORDER', 'CREATE_PAYMENT', 'CREATE_DELIVERY'].flatMap(
  (step) => [`${step} STATUS_EXECUTE`, `${step} STATUS_SUCCESS`],
);

test('a purchase is reported step by step, to earlier and later subscribers', async () => {
  const ming = await shop.signUp();
  const live = shop.results(ming, has(last));
  const id = await shop.buy(ming, await shop.sell());
  const seen = await live;
  expect(new Set(seen.map(({ purchase_id }) => purchase_id))).toEqual(new Set([id]));
  expect(lines(seen)).toEqual(allSteps);
  await system.untilEnded(id);
  const late = await shop.results(ming, has(last));
  expect(late).toEqual(seen);
  expect(new Set(seen.map((result) => result.id)).size).toBe(seen.length);
});

test('a purchase that has begun is reported, also if it was not marked as started', async () => {
  const ming = await shop.signUp();
  const id = await shop.buy(ming, await shop.sell());
  await system.untilEnded(id);
  await system.sql.unwind`
    update saga set started_at = null, created_at = now() - interval '1 minute' where id = ${id}`;
  expect(lines(await shop.results(ming, has(last)))).toEqual(allSteps);
});

test('a purchase that never began is looked at once, not with each other purchase', async () => {
  const ming = await shop.signUp();
  const [known, never] = [await shop.buy(ming, await shop.sell()), crypto.randomUUID()];
  await system.sql.unwind`
    insert into saga (id, type, mode, caller, body_hash, created_at)
    select ${never}, type, mode, caller, body_hash, now() - interval '1 minute' from saga where id = ${known}`;
  const read = vi.spyOn(system.temporal.client.workflowService, 'getWorkflowExecutionHistory');
  const product = await shop.sell();
  const both = shop.results(ming, (seen) => lines(seen).filter((line) => line === last).length === 3);
  for (let n = 0; n < 2; n++) await system.untilEnded(await shop.buy(ming, product));
  expect(await both).toHaveLength(3 * allSteps.length);
  const asked = read.mock.calls.map(([request]) => request.execution?.workflowId);
  expect(asked.filter((id) => id === `unwind-${never}`)).toHaveLength(1);
  read.mockRestore();
});

test('a purchase whose steps run in the process of its saga is reported alike', async () => {
  const placed = await startSystem({ placed: true });
  const ownShop = shopOn(placed);
  const ming = await ownShop.signUp();
  const live = ownShop.results(ming, has(last));
  const product = await ownShop.sell();
  await ownShop.buy(ming, product);
  expect(lines(await live)).toEqual(allSteps);
  const failed = has('CREATE_PAYMENT STATUS_FAILED');
  const refused = ownShop.results(ming, failed);
  await ownShop.buy(ming, await ownShop.sell(10_001));
  const seen = (await refused).filter(({ step }) => step === 'CREATE_PAYMENT');
  expect(lines(seen).slice(-2)).toEqual(['CREATE_PAYMENT STATUS_EXECUTE', 'CREATE_PAYMENT STATUS_FAILED']);
  await placed.end();
});

test('a purchase is reported, even with more than a hundred newer ones', async () => {
  const ming = await shop.signUp();
  const id = await shop.buy(ming, await shop.sell());
  await system.untilEnded(id);
  await system.sql.unwind`
    insert into saga (id, type, caller, body_hash, started_at)
    select gen_random_uuid(), type, caller, 'h', now() from saga, generate_series(1, 101) where id = ${id}`;
  const told = await shop.results(ming, has(last));
  expect(new Set(told.map(({ purchase_id }) => purchase_id))).toEqual(new Set([id]));
});

test('purchases of other accounts are not reported, and nothing without a token', async () => {
  const [ming, ling] = [await shop.signUp(), await shop.signUp()];
  const own = shop.results(ling, has(last));
  const others = await shop.buy(ming, await shop.sell());
  await system.untilEnded(others);
  const id = await shop.buy(ling, await shop.sell());
  expect(new Set((await own).map(({ purchase_id }) => purchase_id))).toEqual(new Set([id]));
  expect((await system.app.request('/api/purchase/result')).status).toBe(401);
});

test('a choreographed purchase is reported alike, to the account that bought it', async () => {
  const ming = await shop.signUp();
  const live = shop.results(ming, has('CREATE_ORDER STATUS_ROLLBACKED'));
  const basket = {
    purchase_items: [{ product_id: await shop.sell(), amount: 1_000 }],
    payment: { currency_code: 'NT' },
    mode: 'choreographed',
  };
  const { body } = await system.call('POST', '/sagas/purchase', basket, { authorization: ming });
  const told = await live;
  expect(new Set(told.map(({ purchase_id }) => purchase_id))).toEqual(new Set([body.saga_id]));
  expect(lines(told)).toEqual([
    'CREATE_ORDER STATUS_EXECUTE',
    'CREATE_ORDER STATUS_SUCCESS',
    'CREATE_PAYMENT STATUS_EXECUTE',
    'CREATE_PAYMENT STATUS_FAILED',
    'CREATE_ORDER STATUS_ROLLBACKED',
  ]);
  const headers = { authorization: ming };
  const order = await system.app.request(`/api/order/${body.saga_id}`, { headers });
  expect(await order.json()).toMatchObject({ id: body.saga_id, status: 'cancelled' });
});

test('a failed rollback is reported, and its success after a retry by an operator', async () => {
  const ming = await shop.signUp();
  const fail = (step: string, op: 'do' | 'undo') =>
    system.config.failpoints.push({ step, op, at: 'before', do: 'refuse' });
  fail('create-delivery', 'do');
  fail('create-payment', 'undo');
  const told = shop.results(ming, has('CREATE_PAYMENT STATUS_ROLLBACKED'));
  const id = await shop.buy(ming, await shop.sell());
  await system.untilState(id, 'parked');
  system.config.failpoints.splice(0);
  const order = { reason: 'the bank is back', step: 'create-payment' };
  expect((await system.command(id, 'retry', order)).status).toBe(200);
  expect((await system.untilEnded(id)).state).toBe('compensated');
  const ofPayment = lines(await told).filter((line) => line.startsWith('CREATE_PAYMENT'));
  expect(ofPayment).toEqual([
    'CREATE_PAYMENT STATUS_EXECUTE',
    'CREATE_PAYMENT STATUS_SUCCESS',
    'CREATE_PAYMENT STATUS_ROLLBACK_FAIL',
    'CREATE_PAYMENT STATUS_ROLLBACKED',
  ]);
});
