import { afterAll, beforeAll, expect, test } from 'vitest';
import { DatabaseBusy } from '../../src/guard/connection-error.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { takeEvents } from '../../src/guard/outbox-take.ts';
import { publicMessage } from '../../src/guard/public-message.ts';
import { takeAway } from '../support/away.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
const services = ['order', 'payment', 'product', 'delivery'] as const;

beforeAll(async () => {
  system = await startSystem();
  shop = shopOf(system);
});
afterAll(() => system.end());

const untilSent = (ids: string[]) => expect.poll(() => unsent(ids), { timeout: 30_000 }).toBe(0);
const unsent = async (ids: string[]) => {
  const counts = await Promise.all(
    services.map(
      (service) => system.sql[service]`
        select 1 from saga_outbox where saga_id in ${system.sql[service](ids)} and sent_at is null`,
    ),
  );
  return counts.flat().length;
};

/** All that purchases leave, guard rows and events too. */
async function everything(ids: string[]) {
  const guarded = services.map(
    (service) => system.sql[service]`
      select saga_id, step, op, written_by, result from saga_step
      where saga_id in ${system.sql[service](ids)} order by saga_id, step, op`,
  );
  const events = system.sql.unwind`
    select saga_id, seq, type from saga_event where saga_id in ${system.sql.unwind(ids)} order by saga_id, seq`;
  return Promise.all([...guarded, events, ...ids.map((id) => shop.rowsOf(id))]);
}

/** One that completes, one whose payment fails, one that finds no stock. */
async function threePurchases() {
  const [pen, dear, rare] = [
    await shop.product(),
    await shop.product({ price: 9_999 }),
    await shop.product({ inventory: 0 }),
  ];
  const ids = await Promise.all([
    shop.choreograph([pen, 1]),
    shop.choreograph([dear, 2]),
    shop.choreograph([rare, 1]),
  ]);
  const states = [];
  for (const id of ids) states.push((await system.untilEnded(id)).state);
  expect(states).toEqual(['completed', 'compensated', 'compensated']);
  await untilSent(ids);
  return ids;
}

test('what is delivered again, all of it and in any order, changes nothing', async () => {
  const ids = await threePurchases();
  const before = await everything(ids);
  await system.rest('relay');
  for (const service of services)
    await system.sql[service]`
      update saga_outbox set sent_at = null, due_at = now() where saga_id in ${system.sql[service](ids)}`;
  await system.work('relay');
  await untilSent(ids);
  expect(await everything(ids)).toEqual(before);
});

test('a relay that stopped between delivering and saying so delivers again, and nothing happens twice', async () => {
  const after = { step: 'create-payment', op: 'do', at: 'after_commit', do: 'error', times: 1 } as const;
  const undoing = { step: 'create-order', op: 'undo', at: 'after_commit', do: 'error', times: 2 } as const;
  system.config.failpoints.push(after, undoing);
  await system.rest('relay');
  await system.work('relay');
  const ids = await threePurchases();
  system.config.failpoints.splice(0);
  const again = async (service: 'order' | 'payment') =>
    (
      await system.sql[service]`
        select 1 from saga_outbox where saga_id in ${system.sql[service](ids)} and attempts > 1`
    ).length;
  expect((await again('order')) + (await again('payment'))).toBeGreaterThanOrEqual(2);
  const entries = await system.sql.payment`
    select count(*)::int as entries from ledger_entry where payment_id in ${system.sql.payment(ids)}
    group by payment_id order by entries`;
  expect(entries).toEqual([{ entries: 2 }, { entries: 4 }]);
});

test('two relays at once do no harm: each event is taken by one of them, and its effect is there once', async () => {
  const second = await system.another('relay');
  const pen = await shop.product({ inventory: 100, price: 1 });
  const ids = await Promise.all(Array.from({ length: 40 }, () => shop.choreograph([pen, 1])));
  for (const id of ids) expect((await system.untilEnded(id)).state).toBe('completed');
  await untilSent(ids);
  await second.end();
  expect(await shop.inventoryOf(pen)).toBe(60);
  const [{ attempts } = { attempts: 0 }] = await system.sql.order`
    select max(attempts)::int as attempts from saga_outbox where saga_id in ${system.sql.order(ids)}`;
  expect(attempts).toBe(1);
});

test('the events of a saga are taken in sequence, those of other sagas concurrently', async () => {
  await system.rest('relay');
  const database = openDatabase(system.databases.order);
  const pen = await shop.product();
  const [first, second] = [await shop.choreograph([pen, 1]), await shop.choreograph([pen, 1])];
  await system.sql.order`
    insert into saga_step (saga_id, step, generation, position, op, written_by, request_hash)
    values (${first}, 'later', 1, 1, 'do', 'do', 'h')`;
  await system.sql.order`
    insert into saga_outbox (saga_id, event_type, payload, step, generation, op)
    values (${first}, 'later', '{}', 'later', 1, 'do')`;
  const taken = await takeEvents(database, { notOf: [] }, 10);
  const types = new Map(taken.map(({ sagaId, eventType }) => [sagaId, eventType]));
  expect([taken.length, types]).toEqual([2, new Map([first, second].map((id) => [id, 'order.created']))]);
  expect(await takeEvents(database, { notOf: [] }, 10)).toEqual([]);
  await database.end();
  // They are free once their lease has ended.
  await system.sql.order`update saga_outbox set due_at = now() where sent_at is null`;
  await system.work('relay');
  expect((await system.untilEnded(first)).state).toBe('completed');
  await untilSent([first, second]);
});

test('what became due later, by a database clock that was ahead, is taken once the clock is right', async () => {
  await system.rest('relay');
  const id = await shop.choreograph([await shop.product(), 1]);
  await system.sql.order`update saga_outbox set due_at = now() + interval '2 hours' where saga_id = ${id}`;
  await system.work('relay');
  expect((await system.untilEnded(id)).state).toBe('completed');
});

test('a database that is down delays a purchase, is named, and does not park it', async () => {
  const waiting = async (id: string) =>
    (await system.sql.order`select error, attempts from saga_outbox where saga_id = ${id}`)[0];
  for (const [which, named] of [
    ['payment', 'payment'],
    ['unwind', 'registry'],
  ] as const) {
    await system.rest('relay');
    const id = await shop.choreograph([await shop.product(), 1]);
    const database = await takeAway(system, which);
    await system.work('relay');
    await expect
      .poll(() => waiting(id), { timeout: 30_000 })
      .toEqual({ error: `the ${named} database cannot be reached`, attempts: 0 });
    await database.back();
    expect((await system.untilEnded(id)).state).toBe('completed');
  }
});

test('an overloaded database is not reported as an error of the service', () => {
  expect(publicMessage(new DatabaseBusy('why'), 'loan')).toBe('the loan database is busy');
});
