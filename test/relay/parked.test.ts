import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseEvent } from '../../src/events/parked-events.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { has, lines, shopOn } from '../shop/support.ts';
import { brief, readEvents, timelineOf } from '../support/events.ts';
import { relayOf } from '../support/relay.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';
import { startWebhook } from '../support/webhook.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
let webhook: Awaited<ReturnType<typeof startWebhook>>;
let relay: ReturnType<typeof relayOf>;

beforeAll(async () => {
  webhook = await startWebhook();
  system = await startSystem({ env: { ALERT_WEBHOOK_URL: webhook.url, ALERT_AFTER: 'PT1S' } });
  shop = shopOf(system);
  await system.rest('relay');
  relay = relayOf(system);
});
afterAll(async () => {
  await relay.stop();
  await system.end();
  webhook.close();
});

const alertsOf = (id: string) => webhook.taken.filter(({ body }) => body.saga_id === id);

/** On a busy machine there is one for being late as well. */
const late = /^(unwinding|nothing has happened) for longer than PT1S$/;
const alertsOfParking = (id: string) => alertsOf(id).filter(({ body }) => !late.test(String(body['error'])));

const release = async (id: string) => {
  await system.sql
    .order`update saga_outbox set parked_at = null, due_at = now(), attempts = attempts + 1 where saga_id = ${id}`;
};

/** Releases the saga's parked event while no relay runs. */
async function releaseParked(service: 'product' | 'order', id: string) {
  const publisher = openDatabase(system.databases[service]);
  const registry = openDatabase(system.databases.unwind);
  const [event] = await system.sql[service]<{ id: number }[]>`
    select id::int from saga_outbox where saga_id = ${id} and parked_at is not null`;
  expect(await releaseEvent(publisher, registry, event?.id ?? 0)).toBe(true);
  await Promise.all([publisher.end(), registry.end()]);
}

test('a poisoned event is parked with an alert while others flow, and goes on when it is released', async () => {
  const poisoned = crypto.randomUUID();
  const fault = { saga: poisoned, step: 'create-payment', op: 'do', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(fault);
  const pen = await shop.product();
  const purchase = { ...shop.basket([pen, 1]), mode: 'choreographed' };
  await system.call('POST', '/start', { saga_id: poisoned, type: 'purchase', ...purchase });
  const others = await Promise.all(Array.from({ length: 5 }, () => shop.choreograph([pen, 1])));

  const parked = await system.untilState(poisoned, 'parked');
  expect(parked).toMatchObject({
    step: 'create-payment',
    errors: { execution: [{ step: 'create-payment', op: 'do', type: 'failed', attempts: 3 }] },
  });
  expect(stepsOf(parked)).toEqual(['do create-order done', 'do create-payment parked']);
  for (const id of others) expect((await system.untilEnded(id)).state).toBe('completed');
  await expect
    .poll(() => alertsOfParking(poisoned), { timeout: 20_000 })
    .toMatchObject([
      {
        body: {
          type: 'purchase',
          step: 'create-payment',
          op: 'do',
          error: 'order.created: failpoint before',
          link: `http://127.0.0.1:3000/sagas/${poisoned}`,
        },
      },
    ]);

  system.config.failpoints.splice(0);
  await release(poisoned);
  expect(await system.untilEnded(poisoned)).toMatchObject({
    state: 'completed',
    errors: { execution: [], compensation: [] },
  });
  expect(alertsOfParking(poisoned)).toHaveLength(1);
  expect(await shop.inventoryOf(pen)).toBe(4);
});

test('one that cannot be undone says why, alerts once for being late and once for being parked', async () => {
  const saga_id = crypto.randomUUID();
  const fault = { saga: saga_id, step: 'create-order', op: 'undo', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(fault);
  const purchase = { ...shop.basket([await shop.product({ price: 10_001 }), 1]), mode: 'choreographed' };
  await system.call('POST', '/start', { saga_id, type: 'purchase', ...purchase });
  const parked = await system.untilState(saga_id, 'parked');
  expect(parked.errors).toMatchObject({
    execution: [{ step: 'create-payment', type: 'refused', message: 'insufficient funds' }],
    compensation: [{ step: 'create-order', op: 'undo', type: 'failed', message: 'failpoint before' }],
  });
  const told = () => alertsOf(saga_id).map(({ body }) => body['error']);
  await expect
    .poll(told, { timeout: 30_000 })
    .toEqual(expect.arrayContaining(['payment.failed: failpoint before', 'unwinding for longer than PT1S']));

  system.config.failpoints.splice(0);
  await system.sql.payment`
    update saga_outbox set parked_at = null, due_at = now(), attempts = attempts + 1 where saga_id = ${saga_id}`;
  expect((await system.untilEnded(saga_id)).state).toBe('compensated');
  expect(await shop.rowsOf(saga_id)).toMatchObject({ orders: [{ status: 'cancelled' }], payments: [] });
  expect(told().filter((error) => error !== 'nothing has happened for longer than PT1S')).toHaveLength(2);
});

test('streams show what is parked, released and done, also to a client that reconnects', async () => {
  const buyers = shopOn(system);
  const ming = await buyers.signUp();
  const saga_id = crypto.randomUUID();
  const fault = { saga: saga_id, step: 'create-payment', op: 'undo', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(fault);
  const purchase = {
    ...shop.basket([await shop.product({ price: 1, inventory: 1 }), 2]),
    mode: 'choreographed',
  };
  const results = buyers.results(ming, has('CREATE_ORDER STATUS_ROLLBACKED'));
  const body = { saga_id, type: 'purchase', ...purchase };
  expect((await system.call('POST', '/start', body, { authorization: ming })).status).toBe(202);
  const whole = readEvents(system, saga_id);

  const seen = await readEvents(system, saga_id, { enough: (seen) => seen.map(brief).at(-1) === 'parked' });
  const told = seen.map((each) => `${each.id ?? ''} ${brief(each)}`);
  expect(told.slice(-4)).toEqual([
    ' compensating',
    '8 undo create-payment running',
    '9 undo create-payment parked',
    ' parked',
  ]);
  expect(timelineOf(seen)).toEqual((await system.get(saga_id)).timeline);
  const back = await readEvents(system, saga_id, { after: '8', enough: (seen) => seen.length === 2 });
  expect(back.map(brief)).toEqual(['undo create-payment parked', 'parked']);

  await relay.stop();
  system.config.failpoints.splice(0);
  await releaseParked('product', saga_id);
  await readEvents(system, saga_id, { enough: (seen) => seen.map(brief).at(-1) === 'compensating' });
  relay = relayOf(system);

  const lastly = (await whole).map(brief);
  expect(lastly.slice(lastly.indexOf('parked'))).toEqual([
    'parked',
    'undo create-payment running',
    'compensating',
    'undo create-payment done',
    'undo create-order running',
    'undo create-order done',
    'compensated',
    'end',
  ]);
  expect(timelineOf(await whole)).toEqual((await system.get(saga_id)).timeline);
  expect(lines(await results).filter((line) => line.includes('ROLLBACK'))).toEqual([
    'CREATE_PAYMENT STATUS_ROLLBACK_FAIL',
    'CREATE_PAYMENT STATUS_ROLLBACKED',
    'CREATE_ORDER STATUS_ROLLBACKED',
  ]);
});

test('a client that saw an event parked and reconnects sees its release, and that it is parked again', async () => {
  const saga_id = crypto.randomUUID();
  const fault = { saga: saga_id, step: 'create-payment', op: 'do', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(fault);
  const purchase = { ...shop.basket([await shop.product(), 1]), mode: 'choreographed' };
  await system.call('POST', '/start', { saga_id, type: 'purchase', ...purchase });
  const seen = await readEvents(system, saga_id, { enough: (seen) => seen.map(brief).at(-1) === 'parked' });
  const reconnect = async () => {
    const after = seen.findLast(({ id }) => id !== undefined)?.id ?? '';
    const more = await readEvents(system, saga_id, { after, enough: ({ length }) => length === 2 });
    seen.push(...more);
    expect(timelineOf(seen)).toEqual((await system.get(saga_id)).timeline);
    return more.map(brief);
  };

  await relay.stop();
  await releaseParked('order', saga_id);
  expect(await reconnect()).toEqual(['do create-payment running', 'running']);

  relay = relayOf(system);
  await system.untilState(saga_id, 'parked');
  expect(await reconnect()).toEqual(['do create-payment parked', 'parked']);

  system.config.failpoints.splice(0);
  await release(saga_id);
  expect((await system.untilEnded(saga_id)).state).toBe('completed');
});

test('the attempts of an event that is not parked are not in the stream, which shows each state once', async () => {
  const saga_id = crypto.randomUUID();
  const fault = { saga: saga_id, step: 'create-payment', op: 'do', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(fault);
  await relay.stop();
  relay = relayOf(system, { attempts: 1_000, backoff: 200, backoffCap: 200 });
  const purchase = { ...shop.basket([await shop.product(), 1]), mode: 'choreographed' };
  await system.call('POST', '/start', { saga_id, type: 'purchase', ...purchase });
  const attempts = async () => Number((await system.get(saga_id)).timeline.at(-1)?.['attempt']);
  await expect.poll(attempts).toBeGreaterThan(2);
  const whole = readEvents(system, saga_id);
  const before = await attempts();
  await expect.poll(attempts).toBeGreaterThan(before + 2);
  system.config.failpoints.splice(0);
  const seen = await whole;
  expect(seen.slice(0, 4).map((each) => `${each.id ?? ''} ${brief(each)}`)).toEqual([
    '1 do create-order done',
    ' running',
    '2 do create-payment running',
    '4 do create-payment done',
  ]);
  expect(timelineOf(seen)).toEqual((await system.get(saga_id)).timeline);
  await relay.stop();
  relay = relayOf(system);
});

test('an event that cannot be parsed is parked too, and reported without its content', async () => {
  const id = crypto.randomUUID();
  await system.sql.order`
    insert into saga_step (saga_id, step, generation, position, op, written_by, request_hash)
    values (${id}, 'create-order', 1, 0, 'do', 'do', 'h')`;
  await system.sql.unwind`
    insert into saga (id, type, mode, caller, body_hash, started_at)
    values (${id}, 'purchase', 'choreographed', 'admin', 'h', now())`;
  await system.sql.order`
    insert into saga_outbox (saga_id, event_type, payload, step, generation, op, seq, context)
    values (${id}, 'order.created', '{}', 'create-order', 1, 'do', 1, '{"secret":"gibberish"}')`;
  const { errors } = await system.untilState(id, 'parked');
  expect(errors.execution[0]?.message).toBe('an unexpected error in the payment service; its log says more');
  await expect.poll(() => alertsOfParking(id).length, { timeout: 20_000 }).toBe(1);
  expect(JSON.stringify(alertsOf(id))).not.toContain('gibberish');
});

test('an event of an unknown type is parked, and its purchase does not count as ended', async () => {
  const id = await shop.choreograph([await shop.product(), 1]);
  await system.untilEnded(id);
  await system.sql.order`
    insert into saga_step (saga_id, step, generation, position, op, written_by, request_hash)
    values (${id}, 'wrap-gift', 1, 5, 'do', 'do', 'h')`;
  await system.sql.order`
    insert into saga_outbox (saga_id, event_type, payload, step, generation, op, seq, context)
    select saga_id, 'order.wrapped', '{}', 'wrap-gift', 1, 'do', 6, context from saga_outbox
    where saga_id = ${id} and event_type = 'order.created'`;
  const parked = () => system.sql.order`
    select event_type from saga_outbox where saga_id = ${id} and parked_at is not null and sent_at is null`;
  await expect.poll(parked, { timeout: 20_000 }).toEqual([{ event_type: 'order.wrapped' }]);
  await expect.poll(() => alertsOfParking(id).length, { timeout: 20_000 }).toBe(1);
});

test('a row that stays locked parks the purchase that needs it, with an alert', async () => {
  const pen = await shop.product();
  let unlock = () => {};
  const locked = new Promise<void>((resolve) => {
    unlock = resolve;
  });
  let isLocked = () => {};
  const locking = new Promise<void>((resolve) => {
    isLocked = resolve;
  });
  const transaction = system.sql.product.begin(async (tx) => {
    await tx`select 1 from product where id = ${pen} for update`;
    isLocked();
    await locked;
  });
  await locking;
  await relay.stop();
  relay = relayOf(system, { attempts: 1, backoff: 10, backoffCap: 20 });
  const id = await shop.choreograph([pen, 1]);
  try {
    const { step, errors } = await system.untilState(id, 'parked');
    expect([step, errors.execution[0]?.type]).toEqual(['reserve-inventory', 'failed']);
    await expect.poll(() => alertsOfParking(id).length, { timeout: 20_000 }).toBeGreaterThan(0);
  } finally {
    unlock();
    await transaction;
  }
  await system.sql
    .payment`update saga_outbox set parked_at = null, due_at = now(), attempts = attempts + 1 where saga_id = ${id}`;
  expect((await system.untilEnded(id)).state).toBe('completed');
});
