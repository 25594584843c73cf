import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { unsentEvents, unsentSagas } from '../../src/guard/outbox-forget.ts';
import { prepareNamespace } from '../../src/migrate/prepare-temporal.ts';
import { forget } from '../../src/retention/forget.ts';
import { eachService, serviceNames } from '../../src/service-names.ts';
import { forgetEvents, forgetSagas, oldEvents } from '../../src/services/registry/forget.ts';
import { auditOf } from '../audit/support.ts';
import { origination, waitingSaga } from '../support/left-behind.ts';
import { application, granted, originate, rowsOf } from '../support/originations.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
let auditing: ReturnType<typeof auditOf>;
let databases: ReturnType<typeof open>;
let registry: ReturnType<typeof openDatabase>;
let empty: Client;

const open = () => eachService((name) => openDatabase(system.databases[name]));
const never = new AbortController().signal;
const inDays = (days: number) => () => new Date(Date.now() + days * 86_400_000);
const inAHundredDays = inDays(100);

beforeAll(async () => {
  system = await startSystem();
  shop = shopOf(system);
  auditing = auditOf(system);
  databases = open();
  registry = openDatabase(system.databases.unwind);
  const { address } = system.temporal;
  await prepareNamespace({ address }, 'empty', () => {});
  empty = new Client({ connection: await Connection.connect({ address }), namespace: 'empty' });
});
afterAll(async () => {
  await empty.connection.close();
  await Promise.all([registry, ...Object.values(databases)].map((database) => database.end()));
  await auditing.end();
  await system.end();
});

/** `temporal`: one whose retention has passed for all sagas, unless it is given. */
const tryToForget = ({
  temporal = empty,
  now = inAHundredDays,
  keepFor = 'P90D',
  signal = never,
  away = {},
} = {}) => forget({ registry, databases: { ...databases, ...away }, temporal, now }, keepFor, signal);

async function forgetNow(options: Parameters<typeof tryToForget>[0] = {}) {
  const { forgotten, failures } = await tryToForget(options);
  expect(failures).toEqual([]);
  return forgotten;
}

/** Until all events of these sagas are sent and all reactions done. */
const untilQuiet = (...ids: string[]) =>
  expect
    .poll(
      async () => {
        const unsent = serviceNames.map(
          (name) => system.sql[name]`
            select 1 from saga_outbox where sent_at is null and saga_id in ${system.sql[name](ids)}`,
        );
        const { unwind } = system.sql;
        const toFollow = unwind`
          select 1 from reaction join saga_event event on event.service = reaction.service and event.id = event_id
          where done_at is null and saga_id in ${unwind(ids)}`;
        return (await Promise.all([...unsent, toFollow])).flat().length;
      },
      { timeout: 10_000 },
    )
    .toBe(0);

async function remembered(id: string) {
  const { unwind } = system.sql;
  const [sagas, events, choreographies, reactions, ...said] = await Promise.all([
    unwind`select 1 from saga where id = ${id}`,
    unwind`select 1 from saga_event where saga_id = ${id}`,
    unwind`select 1 from choreography where saga_id = ${id}`,
    unwind`select 1 from reaction join saga_event event on event.service = reaction.service
      and event.id = event_id where saga_id = ${id}`,
    ...serviceNames.map((name) => system.sql[name]`select 1 from saga_outbox where saga_id = ${id}`),
  ]);
  return {
    sagas: sagas.length,
    events: events.length,
    choreographies: choreographies.length,
    reactions: reactions.length,
    said: said.flat().length,
  };
}
const nothing = { sagas: 0, events: 0, choreographies: 0, reactions: 0, said: 0 };

const guardRows = async (id: string) =>
  (
    await Promise.all(
      serviceNames.map((name) => system.sql[name]`select 1 from saga_step where saga_id = ${id}`),
    )
  ).flat().length;

test('where there is nothing, nothing is forgotten', async () => {
  expect(await forgetNow()).toEqual({ sagas: 0, sent: 0, events: 0 });
});

test('what has ended long ago is forgotten, twice at once, and its effects and guard rows are not', async () => {
  const pen = await shop.product({ inventory: 10 });
  const dear = await shop.product({ price: 10_001 });
  const loan = await originate(system);
  const [bought, undone] = [await shop.choreograph([pen, 1]), await shop.choreograph([dear, 1])];
  for (const id of [loan, bought, undone]) await system.untilEnded(id);
  await untilQuiet(loan, bought, undone);
  const before = [await rowsOf(system, loan), await shop.rowsOf(bought), await shop.rowsOf(undone)];
  const guards = await Promise.all([loan, bought, undone].map(guardRows));
  expect(guards).toEqual([8, 5, 3]);
  expect(await remembered(loan)).toMatchObject({ sagas: 1, events: 1, reactions: 2, said: 1 });

  const counts = await Promise.all([forgetNow(), forgetNow()]);
  expect(counts.reduce((sum, { sagas }) => sum + sagas, 0)).toBe(3);
  for (const id of [loan, bought, undone]) {
    expect(await remembered(id)).toEqual(nothing);
    expect((await system.call('GET', `/sagas/${id}`)).status).toBe(404);
  }
  expect(await forgetNow()).toEqual({ sagas: 0, sent: 0, events: 0 });
  expect([await rowsOf(system, loan), await shop.rowsOf(bought), await shop.rowsOf(undone)]).toEqual(before);
  expect(before[0]).toEqual(granted);
  expect(await Promise.all([loan, bought, undone].map(guardRows))).toEqual(guards);
  expect(await auditing.findings()).toEqual([]);
});

test('the audit finds an event that was never published, also where older events are deleted', async () => {
  const id = await shop.choreograph([await shop.product(), 1]);
  await system.untilEnded(id);
  await auditing.tamper('payment', `delete from saga_outbox where saga_id = '${id}'`);
  expect(await auditing.findings()).toContain(`payment.processed of ${id} was never published`);
  await auditing.tamper('payment', `delete from saga_step where saga_id = '${id}'`);
});

test('events of choreographed sagas fill no page of what is to be forgotten alone', async () => {
  const { unwind } = system.sql;
  await unwind`
    insert into saga_event (service, id, saga_id, type, payload, step, op, seq, attempt, at)
    select 'loan', 1000000 + n, ${randomUUID()}, 'said', '{}', 'step', 'do', nullif(n, 4), 1, now()
    from generate_series(1, 4) n`;
  const page = { after: 999_999, limit: 2 };
  expect(await oldEvents(registry, 'loan', inDays(1)(), page)).toEqual({ ids: [1_000_004], next: null });
  await unwind`delete from saga_event where id > 1000000`;
});

test('forgetting more or fewer at once is one prepared statement, and not one for each count', async () => {
  const one = openDatabase(system.databases.unwind, { max: 1 });
  const outbox = openDatabase(system.databases.loan, { max: 1 });
  const prepared = async (database: Database) => {
    const [row] = await database.query.execute(
      sql`select count(*)::int as count from pg_prepared_statements`,
    );
    return row?.['count'];
  };
  const forgetSome = async (count: number) => {
    const ids = Array.from({ length: count }, () => randomUUID());
    const numbers = ids.map((_, index) => 2_000_000 + index);
    for (const id of ids)
      await system.sql.unwind`
        insert into saga (id, type, caller, body_hash, started_at) values (${id}, 'rehearsal', 'admin', 'h', now())`;
    expect(await forgetSagas(one, ids)).toBe(count);
    expect(
      await system.sql.unwind`select 1 from forgotten_saga where id in ${system.sql.unwind(ids)}`,
    ).toHaveLength(count);
    await forgetEvents(one, 'loan', numbers);
    await unsentSagas(outbox, ids, new Date());
    await unsentEvents(outbox, numbers, new Date());
    return [await prepared(one), await prepared(outbox)];
  };
  const before = await forgetSome(2);
  expect(await forgetSome(3)).toEqual(before);
  await Promise.all([one.end(), outbox.end()]);
});

test('what is young is kept', async () => {
  const id = await originate(system);
  await system.untilEnded(id);
  await untilQuiet(id);
  expect(await forgetNow({ now: inDays(89) })).toEqual({
    sagas: 0,
    sent: 0,
    events: 0,
  });
  expect(await remembered(id)).toMatchObject({ sagas: 1, events: 1, said: 1 });
});

test('a saga is kept that Temporal knows: one that has ended, that waits, or whose unwinder waits', async () => {
  const ended = await originate(system);
  await system.untilEnded(ended);
  const waiting = await waitingSaga(system);
  await untilQuiet(ended, waiting);
  await forgetNow({ temporal: system.temporal.client });
  for (const id of [ended, waiting]) expect(await remembered(id)).toMatchObject({ sagas: 1 });
  const workflowId = `unwind-${ended}`;
  await empty.workflow.start('unwinder', { workflowId, taskQueue: 'nobody', args: [] });
  await forgetNow();
  expect(await remembered(ended)).toMatchObject({ sagas: 1 });
  expect(await remembered(waiting)).toMatchObject({ sagas: 0 });
});

test("a saga is kept for at least Temporal's retention, its sent events for KEEP_SAGAS_FOR", async () => {
  const id = await originate(system);
  await system.untilEnded(id);
  await untilQuiet(id);
  await forgetNow({ now: inDays(20), keepFor: 'P1D' });
  expect(await remembered(id)).toEqual({ ...nothing, sagas: 1 });
  await forgetNow();
  expect(await remembered(id)).toEqual(nothing);
});

test('one that was never started is kept if it has a key: a resend finishes it', async () => {
  const [keyed, orchestrated, choreographed] = [randomUUID(), randomUUID(), randomUUID()];
  await system.sql.unwind`
    insert into saga (id, type, mode, caller, key, body_hash) values
      (${keyed}, ${origination}, 'orchestrated', 'somebody', 'a key', 'a hash'),
      (${orchestrated}, ${origination}, 'orchestrated', 'somebody', null, 'a hash'),
      (${choreographed}, 'purchase', 'choreographed', 'somebody', null, 'a hash')`;
  await forgetNow();
  expect(await remembered(keyed)).toMatchObject({ sagas: 1 });
  for (const id of [orchestrated, choreographed]) expect(await remembered(id)).toEqual(nothing);
});

test('one that runs is kept, though it is not marked as started and has no key', async () => {
  const id = await waitingSaga(system);
  await system.sql.unwind`update saga set started_at = null where id = ${id}`;
  await forgetNow({ temporal: system.temporal.client });
  expect(await remembered(id)).toMatchObject({ sagas: 1 });
});

test('a choreographed saga is kept that has not ended, and what is unsent or has yet to follow', async () => {
  const sent = await shop.choreograph([await shop.product({ inventory: 0 }), 1]);
  await system.untilEnded(sent);
  const loan = await originate(system);
  await system.untilEnded(loan);
  await untilQuiet(loan);
  const fault = { step: 'create-payment', op: 'do', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(fault);
  const open = await shop.choreograph([await shop.product(), 1]);
  await expect.poll(() => remembered(open)).toMatchObject({ choreographies: 1 });
  await system.rest('relay');
  await system.sql.order`update saga_outbox set sent_at = null where saga_id = ${sent}`;
  await system.sql.unwind`
    update reaction set done_at = null from saga_event event
    where event.service = reaction.service and event.id = event_id and saga_id = ${loan}`;
  await forgetNow();
  expect(await remembered(open)).toMatchObject({ sagas: 1, choreographies: 1, events: 1, said: 1 });
  expect(await remembered(sent)).toMatchObject({ sagas: 1, choreographies: 1 });
  expect(await remembered(loan)).toMatchObject({ sagas: 1, events: 1, reactions: 2 });
  system.config.failpoints.splice(0);
  await system.work('relay');
});

test('an unsent event is not deleted, since it will be redelivered', async () => {
  const loan = await originate(system);
  await system.untilEnded(loan);
  await expect.poll(async () => (await remembered(loan)).reactions).toBe(2);
  await system.rest('relay');
  const [said] = await system.sql.loan`
    update saga_outbox set sent_at = null where saga_id = ${loan} returning id`;
  expect(await unsentEvents(databases.loan, [Number(said?.['id'])], inAHundredDays())).toHaveLength(1);
  await forgetNow();
  expect(await remembered(loan)).toMatchObject({ events: 1, reactions: 2, said: 1 });
  await system.work('relay');
});

test('a recently sent event is not deleted yet: a relay may still redeliver it', async () => {
  const loan = await originate(system);
  await system.untilEnded(loan);
  await expect.poll(async () => (await remembered(loan)).reactions).toBe(2);
  await system.sql.loan`update saga_outbox set sent_at = now() + interval '50 days' where saga_id = ${loan}`;
  await forgetNow();
  expect(await remembered(loan)).toMatchObject({ sagas: 1, events: 1, reactions: 2, said: 1 });
  await forgetNow({ now: inDays(150) });
  expect(await remembered(loan)).toEqual(nothing);
});

test("while a service's database is down its events and all sagas are kept, those of other services are not", async () => {
  const id = await shop.choreograph([await shop.product(), 1]);
  await system.untilEnded(id);
  await untilQuiet(id);
  const order = openDatabase('postgres://unwind:unwind@127.0.0.1:1/order');
  const { forgotten, failures } = await tryToForget({ away: { order } });
  await order.end();
  expect(failures).not.toEqual([]);
  expect(forgotten.sagas).toBe(0);
  const said = async (service: 'order' | 'payment') =>
    (await system.sql[service]`select 1 from saga_outbox where saga_id = ${id}`).length;
  expect([await said('order'), await said('payment')]).toEqual([2, 0]);
  expect(await remembered(id)).toMatchObject({ sagas: 1, choreographies: 1 });
});

test('more than one batch is deleted, and an aborted pass continues the next time', async () => {
  await system.sql.unwind`
    insert into saga (id, type, mode, caller, body_hash, started_at)
    select gen_random_uuid(), 'purchase', 'choreographed', 'many', 'a hash', now() from generate_series(1, 1_200)`;
  await system.sql.unwind`
    insert into choreography (saga_id, created_at, seq, at, state, step, ended_at)
    select id, created_at, 4, now(), 'completed', 'complete-order', now() from saga where caller = 'many'`;
  const left = async () => (await system.sql.unwind`select 1 from saga where caller = 'many'`).length;
  await forgetNow({ signal: AbortSignal.abort() });
  expect(await left()).toBe(1_200);
  await forgetNow();
  expect(await left()).toBe(0);
});

test('the relay deletes old rows by itself when KEEP_SAGAS_FOR is set', async () => {
  const id = randomUUID();
  await system.sql.unwind`
    insert into saga (id, type, mode, caller, body_hash, created_at, started_at)
    values (${id}, 'purchase', 'choreographed', 'somebody', 'a hash', now() - interval '3 days', now())`;
  await system.sql.unwind`
    insert into choreography (saga_id, created_at, seq, at, state, step, ended_at)
    values (${id}, now(), 4, now(), 'completed', 'complete-order', now() - interval '2 days')`;
  await system.rest('relay');
  await system.work('relay');
  expect(await remembered(id)).toMatchObject({ sagas: 1 });
  await system.rest('relay');
  system.config.keepSagasFor = 'P1D';
  await system.work('relay');
  await expect.poll(() => remembered(id), { timeout: 10_000 }).toEqual(nothing);
  system.config.keepSagasFor = undefined;
});

test('an id that was forgotten is refused, whatever is asked for: the steps of its saga are still known', async () => {
  const pen = await shop.product({ inventory: 10 });
  const saga_id = randomUUID();
  const start = (currency_code: string) =>
    system.call('POST', '/start', {
      saga_id,
      type: 'purchase',
      ...shop.basket([pen, 1]),
      payment: { currency_code },
    });
  expect((await start('NT')).status).toBe(202);
  expect((await system.untilEnded(saga_id)).state).toBe('completed');
  const before = await shop.rowsOf(saga_id);
  const forgotten = async () => {
    await forgetNow();
    return remembered(saga_id);
  };
  await expect.poll(forgotten, { timeout: 10_000 }).toEqual(nothing);
  const answers = await Promise.all(['NT', 'EU', 'EU'].map(start));
  for (const { status, body } of answers)
    expect([status, body.detail]).toEqual([
      422,
      'this saga_id was used by a saga that is forgotten: take a new one',
    ]);
  expect(await remembered(saga_id)).toEqual(nothing);
  expect(await shop.rowsOf(saga_id)).toEqual(before);
});

test('what is started after its key was forgotten is another saga', async () => {
  const body = application();
  const start = () =>
    system.call('POST', `/sagas/${origination}`, body, { 'idempotency-key': 'a key of long ago' });
  const first = (await start()).body.saga_id;
  await system.untilEnded(first);
  expect((await start()).body.saga_id).toBe(first);
  const forgotten = async () => {
    await forgetNow();
    return remembered(first);
  };
  await expect.poll(forgotten, { timeout: 10_000 }).toEqual(nothing);
  const { status, body: answer } = await start();
  expect(status).toBe(202);
  expect(answer.saga_id).not.toBe(first);
});
