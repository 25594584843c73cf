import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { releaseEvent } from '../../src/events/parked-events.ts';
import { openDatabase } from '../../src/guard/database.ts';
import type { Failpoint } from '../../src/guard/failpoints.ts';
import { appendEvent, type SagaEvent } from '../../src/services/registry/append-event.ts';
import { releaseReaction } from '../../src/services/registry/parked-reactions.ts';
import { markDone, postponeReaction, takeReactions } from '../../src/services/registry/reactions.ts';
import { start, stopAll } from '../compose/programs.ts';
import { databaseVariables } from '../support/databases.ts';
import { application, originate } from '../support/originations.ts';
import { relayOf } from '../support/relay.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem, temporalVariables } from '../support/system.ts';

const project = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'unwind-mail-'));
let system: System;
let shop: ReturnType<typeof shopOf>;
beforeAll(async () => {
  system = await startSystem({ env: { MAIL_OUTBOX: folder } });
  shop = shopOf(system);
});
afterAll(async () => {
  await stopAll();
  await system.end();
  rmSync(folder, { recursive: true });
});
beforeEach(() => system.sql.unwind`delete from daily_count`);

const patience = { timeout: 30_000, interval: 50 };

/** Of all days, by the kind of event: midnight may pass. */
async function counts() {
  const rows = await system.sql
    .unwind`select event, sum(count)::int as count from daily_count group by event`;
  return Object.fromEntries(rows.map(({ event, count }) => [event, count]));
}

const unfinished = async () => {
  const [reactions] = await system.sql.unwind`select count(*)::int from reaction where done_at is null`;
  const [events] = await system.sql.order`select count(*)::int from saga_outbox where sent_at is null`;
  return reactions?.['count'] + events?.['count'];
};
const untilFinished = () => expect.poll(unfinished, patience).toBe(0);

/** As if the relay had died before it marked them as sent. */
async function redeliver(...sagas: string[]) {
  for (const sql of [system.sql.order, system.sql.loan])
    await sql`update saga_outbox set sent_at = null, due_at = now() where saga_id in ${sql(sagas)}`;
}

function relayThatDies(failpoint: Failpoint) {
  const { PATH, HOME } = process.env;
  return start([process.execPath, '--import', 'tsx', 'src/worker.ts', 'relay'], project, {
    ...{ PATH, HOME, ...databaseVariables(system.databases) },
    ...temporalVariables(system.temporal),
    WORKER_METRICS_PORT: '0',
    FAILPOINTS: JSON.stringify([failpoint]),
  });
}

const begin = async () => {
  const id = await shop.choreograph([await shop.product(), 1]);
  await system.untilEnded(id);
  return id;
};

test('loans granted, orders completed and cancelled are counted by their day, and not again when their events are', async () => {
  const dear = await shop.product({ price: 5_000.01 });
  const cancelled = await shop.choreograph([dear, 2]);
  const granted = await originate(system);
  const completed = [await begin(), await begin()];
  for (const id of [cancelled, granted]) await system.untilEnded(id);
  const expected = { 'order.cancelled': 1, 'loan.granted': 1, 'order.completed': 2 };
  await expect.poll(counts, patience).toEqual(expected);
  const [row] = await system.sql.unwind`select max(day)::text as day from daily_count`;
  const [event] = await system.sql
    .unwind`select (at at time zone 'UTC')::date::text as day from saga_event order by at desc limit 1`;
  expect(row?.['day']).toBe(event?.['day']);

  await redeliver(cancelled, granted, ...completed);
  await untilFinished();
  expect(await counts()).toEqual(expected);
});

test('two relays count each order once', async () => {
  const others = [relayOf(system), relayOf(system)];
  const product = await shop.product({ inventory: 100 });
  const ids = await Promise.all(Array.from({ length: 12 }, () => shop.choreograph([product, 1])));
  for (const id of ids) await system.untilEnded(id);
  await redeliver(...ids);
  await untilFinished();
  expect(await counts()).toEqual({ 'order.completed': 12 });
  for (const relay of others) await relay.stop();
});

test('a relay is killed before it marks an event as sent: another redelivers it, and nothing is counted twice', async () => {
  await system.rest('relay');
  const relay = relayThatDies({ step: 'create-delivery', op: 'do', at: 'after_commit', do: 'exit' });
  const id = await shop.choreograph([await shop.product(), 1]);
  expect(await relay.ended, relay.printed()).toBe('SIGKILL');
  const [event] = await system.sql.order`
    select sent_at from saga_outbox where saga_id = ${id} and event_type = 'order.completed'`;
  expect(event).toEqual({ sent_at: null });
  // What the dead one has taken is free once its lease has ended.
  await system.sql.unwind`update reaction set due_at = now() where done_at is null`;
  for (const service of ['order', 'payment', 'product', 'delivery'] as const)
    await system.sql[service]`update saga_outbox set due_at = now() where sent_at is null`;
  await system.work('relay');
  await system.untilEnded(id);
  await untilFinished();
  expect(await counts()).toEqual({ 'order.completed': 1 });
});

test('an event that has killed its relay twenty times is parked before it is delivered again, until it is released', async () => {
  await system.rest('relay');
  const id = await shop.choreograph([await shop.product(), 1]);
  // As if nineteen had died already.
  await system.sql.order`update saga_outbox set attempts = 19 where saga_id = ${id}`;
  const relay = relayThatDies({ step: 'create-payment', op: 'do', at: 'before', do: 'exit' });
  expect(await relay.ended, relay.printed()).toBe('SIGKILL');
  await system.sql.order`update saga_outbox set due_at = now() where saga_id = ${id}`;
  await system.work('relay');
  expect((await system.untilState(id, 'parked')).errors.execution).toMatchObject([
    {
      step: 'create-payment',
      message: expect.stringContaining('the last attempt did not end'),
      attempts: 21,
    },
  ]);
  expect(await system.sql.payment`select 1 from saga_step where saga_id = ${id}`).toEqual([]);

  const [orders, registry] = [openDatabase(system.databases.order), openDatabase(system.databases.unwind)];
  const [event] = await system.sql.order<{ id: number }[]>`
    select id::int from saga_outbox where saga_id = ${id}`;
  expect(await releaseEvent(orders, registry, event?.id ?? 0)).toBe(true);
  await Promise.all([orders.end(), registry.end()]);
  expect((await system.untilEnded(id)).state).toBe('completed');
  await untilFinished();
});

test('a reaction that has killed its relay twenty times is parked before it runs again, until it is released', async () => {
  await begin();
  await untilFinished();
  await system.rest('relay');
  await system.sql.unwind`delete from daily_count`;
  const [killer] = await system.sql.unwind<{ id: number }[]>`
    update reaction set done_at = null, attempts = 20, due_at = now()
    where id = (select max(id) from reaction where name = 'count-daily') returning id::int`;
  const id = killer?.id ?? 0;
  const isParked = async () =>
    (await system.sql.unwind`select parked_at from reaction where id = ${id}`)[0]?.['parked_at'] !== null;
  await system.work('relay');
  await expect.poll(isParked, patience).toBe(true);
  expect(await counts()).toEqual({});

  const registry = openDatabase(system.databases.unwind);
  expect(await releaseReaction(registry, id)).toBe(true);
  await registry.end();
  await untilFinished();
  expect(await counts()).toEqual({ 'order.completed': 1 });
});

test('a count whose connection is killed before it commits is counted once', async () => {
  await begin();
  await expect.poll(counts, patience).toEqual({ 'order.completed': 1 });
  const waiting = () => system.sql.unwind`
    select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%daily_count%'`;
  await system.sql.unwind.begin(async (sql) => {
    await sql`select 1 from daily_count for update`;
    await begin();
    await expect.poll(async () => (await waiting()).length, { timeout: 10_000, interval: 20 }).toBe(1);
    const [blocked] = await waiting();
    await system.sql.unwind`select pg_terminate_backend(${blocked?.['pid']}::int)`;
    await expect
      .poll(async () => (await waiting()).some(({ pid }) => pid === blocked?.['pid']), patience)
      .toBe(false);
  });
  await untilFinished();
  expect(await counts()).toEqual({ 'order.completed': 2 });
});

test('an expired attempt cannot postpone a reaction that was taken again, or is done', async () => {
  await system.rest('relay');
  const id = await shop.choreograph([await shop.product(), 1]);
  await system.sql.unwind`
    insert into saga_event (service, id, saga_id, type, payload, step, op, attempt, at)
    values ('order', 1000001, ${id}, 'order.completed', '{}', 'complete-order', 'do', 1, now())`;
  await system.sql.unwind`
    insert into reaction (service, event_id, name) values ('order', 1000001, 'count-daily')`;
  const registry = openDatabase(system.databases.unwind);
  const take = async () => (await takeReactions(registry, { named: 'count-daily' }, 10))[0];
  const first = await take();
  await system.sql.unwind`update reaction set due_at = now() where event_id = 1000001`;
  const second = await take();
  const giveUp = { error: 'no', retryInMs: 0, counts: false, park: true };
  const row = async () =>
    (await system.sql.unwind`select attempts, parked_at, error from reaction where event_id = 1000001`)[0];
  for (const due of [first, second]) expect(due).toMatchObject({ name: 'count-daily' });
  if (first) await postponeReaction(registry, first, giveUp);
  expect(await row()).toEqual({ attempts: 2, parked_at: null, error: null });
  await markDone(registry.query, second?.id ?? 0);
  if (second) await postponeReaction(registry, second, giveUp);
  expect(await row()).toEqual({ attempts: 2, parked_at: null, error: null });
  await registry.end();
  await system.sql.unwind`delete from reaction where event_id = 1000001`;
  await system.sql.unwind`delete from saga_event where id = 1000001`;
  await system.work('relay');
  await system.untilEnded(id);
  await untilFinished();
});

test('a mail that is performed twice is one file', async () => {
  const { customer, ...terms } = application();
  const id = await originate(system, [], { customer, ...terms });
  const files = () => readdirSync(folder).filter((name) => name.includes(id));
  await expect.poll(files, patience).toHaveLength(1);
  await untilFinished();
  const again = await system.sql.unwind`
    update reaction set done_at = null, due_at = now()
    from saga_event e where e.service = reaction.service and e.id = event_id
      and name = 'send-mail' and saga_id = ${id} returning attempts`;
  expect(again).toEqual([{ attempts: 1 }]);
  await untilFinished();
  expect(files()).toEqual([expect.stringMatching(/^send-mail\.loan-\d+\..*\.eml$/)]);
  expect(readFileSync(join(folder, files()[0] ?? ''), 'utf8')).toContain(`To: ${customer.email}\r\n`);
});

test('an event that a relay kept which knew fewer reactions is followed by the new one when it comes again', async () => {
  await system.rest('relay');
  const database = openDatabase(system.databases.unwind);
  const event: SagaEvent = {
    ...{ service: 'order', id: 1_000_000, sagaId: crypto.randomUUID(), type: 'order.completed', payload: {} },
    ...{ step: 'complete-order', op: 'do', seq: null, context: null, attempt: 1, at: new Date() },
  };
  const followedBy = () =>
    system.sql.unwind`select name from reaction where event_id = ${event.id} order by name`;
  const keep = (...reactions: string[]) => appendEvent(database, event, { standing: undefined, reactions });
  await keep();
  expect(await followedBy()).toEqual([]);
  await keep('tell-warehouse');
  await keep('tell-warehouse', 'send-mail');
  expect(await followedBy()).toEqual([{ name: 'send-mail' }, { name: 'tell-warehouse' }]);
  await database.end();
});
