import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/guard/database.ts';
import { appendEvent } from '../../src/services/registry/append-event.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
beforeAll(async () => {
  system = await startSystem();
  shop = shopOf(system);
});
afterAll(() => system.end());
afterEach(() => void system.config.failpoints.splice(0));

const eventsOf = async (id: string) =>
  (await system.sql.unwind`select type from saga_event where saga_id = ${id} order by seq`).map(
    (row) => row['type'],
  );

test('a choreographed purchase goes from event to event, and ends with the rows of an orchestrated one', async () => {
  const [pen, ink] = [await shop.product(), await shop.product({ price: 2.5 })];
  const id = await shop.choreograph([pen, 2], [ink, 4]);
  const saga = await system.untilEnded(id);
  expect(saga).toMatchObject({
    type: 'purchase',
    state: 'completed',
    result: { order_id: id, payment_id: id },
    errors: { execution: [], compensation: [] },
    links: { self: `/sagas/${id}`, temporal_ui: null },
  });
  expect(saga.input).toMatchObject({ mode: 'choreographed' });
  expect(stepsOf(saga)).toEqual([
    'do create-order done',
    'do create-payment done',
    'do reserve-inventory done',
    'do complete-order done',
    'do create-delivery done',
  ]);
  expect(await eventsOf(id)).toEqual([
    'order.created',
    'payment.processed',
    'inventory.reserved',
    'order.completed',
    'delivery.scheduled',
  ]);
  expect(await shop.rowsOf(id)).toEqual({
    orders: [{ status: 'completed' }],
    payments: [{ status: 'paid', amount: 21_000, currency_code: 'NT' }],
    deliveries: [{ id: expect.any(String), status: 'scheduled' }],
    reservations: expect.arrayContaining([{ amount: 2 }, { amount: 4 }]),
    cash: 21_000,
  });
  expect([await shop.inventoryOf(pen), await shop.inventoryOf(ink)]).toEqual([8, 6]);
});

test('a payment that fails cancels the order', async () => {
  const pen = await shop.product({ price: 5_000.01 });
  const id = await shop.choreograph([pen, 2]);
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([
    { step: 'create-payment', type: 'refused', message: 'insufficient funds', attempts: 1 },
  ]);
  expect(await eventsOf(id)).toEqual(['order.created', 'payment.failed', 'order.cancelled']);
  expect(stepsOf(saga)).toEqual([
    'do create-order done',
    'do create-payment refused',
    'undo create-order done',
  ]);
  expect(await shop.rowsOf(id)).toMatchObject({
    orders: [{ status: 'cancelled' }],
    payments: [],
    deliveries: [],
    cash: 0,
  });
  expect(await shop.inventoryOf(pen)).toBe(10);
});

test('stock that is short refunds the payment, and then cancels the order', async () => {
  const pen = await shop.product({ inventory: 1 });
  const id = await shop.choreograph([pen, 2]);
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution[0]?.message).toBe(`only 1 are left of product ${pen}, and 2 are wanted`);
  expect(await eventsOf(id)).toEqual([
    'order.created',
    'payment.processed',
    'inventory.failed',
    'payment.refunded',
    'order.cancelled',
  ]);
  expect(await shop.rowsOf(id)).toMatchObject({
    orders: [{ status: 'cancelled' }],
    payments: [{ status: 'refunded' }],
    deliveries: [],
    reservations: [],
    cash: 0,
  });
  expect(await shop.inventoryOf(pen)).toBe(1);
});

test.each([
  ['create-payment', { payments: [] }],
  ['reserve-inventory', { payments: [{ status: 'refunded' }] }],
])(
  'a failpoint refuses %s: the purchase is undone like one that the business refuses',
  async (step, left) => {
    system.config.failpoints.push({ step, op: 'do', at: 'before', do: 'refuse' });
    const pen = await shop.product();
    const id = await shop.choreograph([pen, 1]);
    const saga = await system.untilEnded(id);
    expect(saga.state).toBe('compensated');
    expect(saga.errors).toMatchObject({
      execution: [{ step, op: 'do', type: 'refused', message: 'failpoint before', attempts: 1 }],
      compensation: [],
    });
    expect(await shop.rowsOf(id)).toMatchObject({
      ...left,
      orders: [{ status: 'cancelled' }],
      deliveries: [],
      reservations: [],
      cash: 0,
    });
    expect(await shop.inventoryOf(pen)).toBe(10);
  },
);

test('an undo that is tried again is no error of the saga: its attempts are in the timeline', async () => {
  system.config.failpoints.push({ step: 'create-order', op: 'undo', at: 'before', do: 'error' });
  const id = await shop.choreograph([await shop.product({ price: 10_001 }), 1]);
  const undo = async () => {
    const { state, errors, timeline } = await system.get(id);
    return { state, compensation: errors.compensation, entry: timeline.at(-1) };
  };
  await expect.poll(undo, { timeout: 30_000 }).toMatchObject({
    state: 'compensating',
    compensation: [],
    entry: { step: 'create-order', op: 'undo', status: 'running', error: 'failpoint before' },
  });
  system.config.failpoints.splice(0);
  expect(await system.untilEnded(id)).toMatchObject({ state: 'compensated', errors: { compensation: [] } });
});

test('the first event alone writes that the purchase has started', async () => {
  const registry = openDatabase(system.databases.unwind);
  const id = crypto.randomUUID();
  await system.sql.unwind`
    insert into saga (id, type, mode, caller, body_hash) values (${id}, 'purchase', 'choreographed', 'admin', 'h')`;
  const append = (seq: number) => {
    const at = new Date();
    const [step, op] = ['create-order', 'do'] as const;
    const event = { service: 'order', id: -seq, sagaId: id, type: 'order.created', payload: {}, step, op };
    const standing = { seq, state: 'running', step: 'create-payment', endedAt: null } as const;
    return appendEvent(registry, { ...event, seq, context: {}, attempt: 1, at }, { standing, reactions: [] });
  };
  const row = () => system.sql.unwind`
    select saga.ctid::text, started_at, seq, choreography.created_at = saga.created_at as is_same
    from saga join choreography on saga_id = id where id = ${id}`;
  await append(1);
  const [first] = await row();
  expect(first).toMatchObject({ started_at: expect.any(Date), seq: 1, is_same: true });
  await append(2);
  expect(await row()).toEqual([{ ...first, seq: 2 }]);
  await registry.end();
});

test('one of an unknown product is not begun', async () => {
  const body = { ...shop.basket([crypto.randomUUID(), 1]), mode: 'choreographed' };
  const sagas = () => system.sql.unwind`select count(*)::int from saga`;
  const orders = () => system.sql.order`select count(*)::int from "order"`;
  const before = [await sagas(), await orders()];
  const { status } = await system.call('POST', '/sagas/purchase', body);
  expect(status).toBe(404);
  expect([await sagas(), await orders()]).toEqual(before);
});

test('an operator command, or a decision, is 409', async () => {
  const id = await shop.choreograph([await shop.product(), 1]);
  await system.untilEnded(id);
  for (const action of ['retry', 'resolve', 'compensate'])
    expect((await system.call('POST', `/sagas/${id}/${action}`, { reason: 'why not' })).status).toBe(409);
  const correction = { reason: 'why not', step: 'create-payment', input: {} };
  expect((await system.call('POST', `/sagas/${id}/correct`, correction)).status).toBe(409);
  const decision = { approved: true, reason: 'why not' };
  expect((await system.call('POST', `/sagas/${id}/decision`, decision)).status).toBe(409);
});
