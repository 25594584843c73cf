import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../scripts/stack/ports.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { markDone } from '../../src/services/registry/reactions.ts';
import { databaseVariables } from '../support/databases.ts';
import { runEvents } from '../support/events-command.ts';
import { relayOf } from '../support/relay.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
beforeAll(async () => {
  system = await startSystem();
  shop = shopOf(system);
  await system.rest('relay');
});
afterAll(() => system.end());
afterEach(async () => {
  system.config.failpoints.splice(0);
  await system.sql.order`update saga_outbox set parked_at = null, attempts = 0`;
  await system.sql.unwind`update reaction set parked_at = null, attempts = 0`;
});

const events = (...args: string[]) => runEvents(args, databaseVariables(system.databases));
const patience = { timeout: 30_000, interval: 50 };

const eventOf = async (saga: string, type = 'order.created') => {
  const [row] = await system.sql.order`
    select id, attempts, parked_at from saga_outbox where saga_id = ${saga} and event_type = ${type}`;
  return row;
};
const standing = async (saga: string) =>
  (await system.sql.unwind`select state, parked_at from choreography where saga_id = ${saga}`)[0];
/** A purchase whose first event is parked, without a relay. */
async function parkedPurchase() {
  const id = crypto.randomUUID();
  const failpoint = { saga: id, step: 'create-payment', op: 'do', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(failpoint);
  const relay = relayOf(system);
  const basket = shop.basket([await shop.product(), 1]);
  const body = { saga_id: id, type: 'purchase', mode: 'choreographed', ...basket };
  expect((await system.call('POST', '/start', body)).status).toBe(202);
  await system.untilState(id, 'parked');
  await expect.poll(async () => (await eventOf(id))?.['parked_at'], patience).not.toBeNull();
  await relay.stop();
  system.config.failpoints.splice(0);
  return { id, key: `order/${(await eventOf(id))?.['id']}` };
}

/** What follows from the order's completion, and was given up. */
async function parkedReaction() {
  const relay = relayOf(system);
  const id = await shop.choreograph([await shop.product(), 1]);
  await system.untilEnded(id);
  await expect
    .poll(() => system.sql.unwind`select 1 from reaction where done_at is null`, patience)
    .toEqual([]);
  await relay.stop();
  const [reaction] = await system.sql.unwind`
    update reaction set done_at = null, attempts = 3, due_at = now(), parked_at = now(), error = 'no'
    where id = (select max(id) from reaction where name = 'send-mail') returning id`;
  return { id, key: `reaction/${reaction?.['id']}` };
}

test('without parked events it reports that', async () => {
  expect(await events()).toEqual({ code: 0, stdout: 'Nothing is parked.\n', stderr: '' });
  expect(await events('--release', 'all')).toEqual({ code: 0, stdout: 'Nothing is parked.\n', stderr: '' });
});

test('events and reactions that are parked are listed, with their saga, since when, and why', async () => {
  const event = await parkedPurchase();
  const reaction = await parkedReaction();
  const { code, stdout, stderr } = await events();
  expect([code, stderr]).toEqual([0, '']);
  const line = (key: string, what: string, saga: string, error: string) =>
    new RegExp(`^${key} +${what} +saga ${saga}, parked since [\\d-]{10}T[\\d:.]+Z, 3 attempts: ${error}$`);
  const [first, second, ...others] = stdout.trimEnd().split('\n');
  expect(first).toMatch(line(event.key, 'order.created', event.id, 'failpoint before'));
  expect(second).toMatch(line(reaction.key, 'send-mail of order.completed', reaction.id, 'no'));
  expect(others).toEqual([]);
});

test('a reaction that is done after it was parked is no longer parked', async () => {
  const { key } = await parkedReaction();
  const id = Number(key.replace('reaction/', ''));
  const database = openDatabase(system.databases.unwind);
  expect(await markDone(database.query, id)).toBe(true);
  await database.end();
  expect((await events()).stdout).toBe('Nothing is parked.\n');
  expect(await system.sql.unwind`select parked_at, error from reaction where id = ${id}`).toEqual([
    { parked_at: null, error: null },
  ]);
});

test('a saga whose event is released is no longer found as parked, and ends when there is a relay', async () => {
  const { id, key } = await parkedPurchase();
  expect(await standing(id)).toEqual({ state: 'running', parked_at: expect.any(Date) });
  expect(await events('--release', key)).toEqual({ code: 0, stdout: `${key} is released.\n`, stderr: '' });
  expect(await standing(id)).toEqual({ state: 'running', parked_at: null });
  expect((await system.get(id)).state).toBe('running');
  expect(await eventOf(id)).toMatchObject({ attempts: 4, parked_at: null });

  const relay = relayOf(system);
  expect((await system.untilEnded(id)).state).toBe('completed');
  expect(await eventOf(id)).toMatchObject({ attempts: 5 });
  await relay.stop();
});

test('what is released and fails again is parked again after as many attempts, with another alert', async () => {
  const { id, key } = await parkedPurchase();
  const failpoint = { saga: id, step: 'create-payment', op: 'do', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(failpoint);
  const relay = relayOf(system);
  expect((await events('--release', key)).code).toBe(0);
  await expect.poll(async () => (await eventOf(id))?.['attempts'], patience).toBe(7);
  await system.untilState(id, 'parked');
  for (const attempt of [3, 7]) {
    const alert = `alert-${id}-${key.replace('/', '-')}-${attempt}`;
    await system.temporal.client.workflow.getHandle(alert).result();
  }
  await relay.stop();
});

test('a release notifies listeners at once', async () => {
  const [event, reaction] = [await parkedPurchase(), await parkedReaction()];
  const heard: string[] = [];
  const channels = [
    await system.sql.order.listen('saga_outbox', () => heard.push('event')),
    await system.sql.unwind.listen('reaction', () => heard.push('reaction')),
    await system.sql.unwind.listen('saga_event', (saga) => heard.push(saga)),
  ];
  await events('--release', event.key);
  await expect.poll(() => heard, patience).toEqual(expect.arrayContaining(['event', event.id]));
  await events('--release', reaction.key);
  await expect.poll(() => heard, patience).toContain('reaction');
  for (const { unlisten } of channels) await unlisten();
});

test('all are released at once', async () => {
  const [event, reaction] = [await parkedPurchase(), await parkedReaction()];
  const { code, stdout } = await events('--release', 'all');
  expect([code, stdout]).toEqual([0, `${event.key} is released.\n${reaction.key} is released.\n`]);
  expect((await events()).stdout).toBe('Nothing is parked.\n');
});

test('what is not there, and what is not parked, cannot be released', async () => {
  const { id, key } = await parkedPurchase();
  await events('--release', key);
  for (const wrong of [key, 'loan/1', 'reaction/999999'])
    expect(await events('--release', wrong)).toEqual({
      code: 1,
      stdout: '',
      stderr: `${wrong} is not parked. List what is parked: npm run events\n`,
    });
  expect(await standing(id)).toMatchObject({ parked_at: null });
});

test.each([
  [
    ['--release', 'order'],
    /^--release must be all, reaction\/7, or a service's like order\/42, and is "order"\n/,
  ],
  [['--release', 'bank/1'], /and is "bank\/1"\n\nUsage: npm run events/],
  [['--release', "order/1' or 1"], /^--release must be/],
  [['--drop'], /^Unknown option '--drop'\n\nUsage: npm run events/],
])('%j is refused, and says why', async (args, why) => {
  const { code, stdout, stderr } = await events(...args);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(why);
  expect(stderr).not.toMatch(/^ +at /m);
});

test.each(['--help', '-h'])('%s prints the usage', async (help) => {
  const { code, stdout } = await events(help);
  expect([code, stdout]).toEqual([0, expect.stringContaining('npm run events [-- --release order/42]')]);
});

test('without a database it reports that Unwind must be started', async () => {
  const POSTGRES_PORT = String(await freePort());
  const { code, stdout, stderr } = await runEvents([], { DATABASE_URL: '', POSTGRES_PORT });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^The databases at 127\.0\.0\.1:\d+ cannot be reached/);
  expect(stderr).toContain('Start Unwind first: npm start');
});
