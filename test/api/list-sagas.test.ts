import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../src/api/app.ts';
import { createTemporalClient } from '../../src/api/temporal.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { grpcCode } from '../../src/history/grpc.ts';
import { createLogger } from '../../src/logger.ts';
import { apiSettings } from '../support/api-settings.ts';
import { inPlaceOfAll } from '../support/databases.ts';
import { grpcProxy } from '../support/grpc-proxy.ts';
import { referred } from '../support/originations.ts';
import { resetToBefore } from '../support/reset.ts';
import { type System, startSystem } from '../support/system.ts';

const { deadlineExceeded, resourceExhausted } = grpcCode;
const logger = createLogger('test', 'silent');

let system: System;
let rehearsals: string[];
let waiting: string;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const list = async (query: string) => (await system.call('GET', `/sagas${query}`)).body;
const idsOf = (page: { items: { saga_id: string }[] }) => page.items.map(({ saga_id }) => saga_id);

/** Temporal's index shows a change a moment later. */
const untilListed = (query: string, ids: string[]) =>
  expect.poll(async () => idsOf(await list(query)), { timeout: 30_000 }).toEqual(ids);

/** All pages of `limit`, one after the other. */
async function pages(query: string, limit: number) {
  const found: string[][] = [];
  let cursor = '';
  do {
    const page = await list(`?limit=${limit}${query}${cursor}`);
    found.push(idsOf(page));
    cursor = page.next_cursor && `&cursor=${page.next_cursor}`;
  } while (cursor);
  return found;
}

test('without any saga the list is empty', async () => {
  expect(await list('')).toEqual({ items: [], next_cursor: null });
  expect(await list('?state=parked')).toEqual({ items: [], next_cursor: null });
});

test('a saga is listed as soon as it is accepted', async () => {
  const id = await system.start('rehearsal', {});
  expect(idsOf(await list(''))).toEqual([id]);
  await system.untilEnded(id);
  rehearsals = [id];
});

test('sagas are listed newest first, page by page, none twice', async () => {
  for (let n = 0; n < 4; n++) rehearsals.unshift(await system.start('rehearsal', {}));
  waiting = await system.start('mortgage-origination', referred());
  await system.untilState(waiting, 'waiting');
  for (const id of rehearsals) await system.untilEnded(id);

  const all = [waiting, ...rehearsals];
  expect(await pages('', 2)).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4, 6)]);
  expect(await pages('', 100)).toEqual([all]);
  expect(await pages('&type=rehearsal', 3)).toEqual([rehearsals.slice(0, 3), rehearsals.slice(3)]);
});

test('an item has type, state, step, start and end', async () => {
  await expect
    .poll(async () => (await list('?type=mortgage-origination')).items, { timeout: 10_000 })
    .toEqual([
      {
        saga_id: waiting,
        type: 'mortgage-origination',
        state: 'waiting',
        step: 'assess-application',
        started_at: expect.stringMatching(/Z$/),
        ended_at: null,
      },
    ]);
});

test('sagas are found by state and by step, page by page', async () => {
  await expect
    .poll(async () => idsOf(await list('?state=completed')), { timeout: 10_000 })
    .toEqual(rehearsals);
  const byTwo = await pages('&state=completed', 2);
  expect(byTwo.map(({ length }) => length)).toEqual([2, 2, 1]);
  expect(byTwo.flat().sort()).toEqual(rehearsals.toSorted());
  await untilListed('?state=waiting', [waiting]);
  await untilListed('?step=assess-application', [waiting]);
  await untilListed('?state=waiting&type=rehearsal', []);
});

test('an open saga comes before those that have ended, though it is older than they are', async () => {
  const open = randomUUID();
  system.config.failpoints.push({ saga: open, step: 'visit-loan', op: 'do', at: 'before', do: 'error' });
  await system.call('POST', '/start', { saga_id: open, type: 'rehearsal' });
  await expect.poll(async () => (await system.get(open)).step).toBe('visit-loan');
  const newer = await system.start('rehearsal', {});
  await system.untilEnded(newer);
  await expect.poll(async () => idsOf(await list('?step=visit-loan'))).toEqual([open, newer, ...rehearsals]);
  expect((await pages('&step=visit-loan', 2))[0]?.[0]).toBe(open);
  system.config.failpoints.length = 0;
  await system.untilEnded(open);
  rehearsals.unshift(newer, open);
});

test('a terminated saga is found as parked and no longer as waiting, once and until it has ended', async () => {
  await system.handle('mortgage-origination', waiting).terminate();
  await expect
    .poll(async () => (await list('?type=mortgage-origination')).items, { timeout: 10_000 })
    .toMatchObject([{ saga_id: waiting, state: 'parked', ended_at: null }]);
  await untilListed('?state=parked', [waiting]);
  await untilListed('?state=waiting', []);
  await untilListed('?state=parked&type=rehearsal', []);

  const unwinder = system.temporal.client.workflow.getHandle(`unwind-${waiting}`);
  await unwinder.signal('compensate', { by: 'olga', reason: 'terminated by mistake' });
  await system.untilEnded(waiting);
  await expect
    .poll(async () => (await list('?type=mortgage-origination')).items, { timeout: 10_000 })
    .toMatchObject([{ saga_id: waiting, state: 'compensated', ended_at: expect.stringMatching(/Z$/) }]);
  await untilListed('?state=compensated', [waiting]);
  await untilListed('?state=parked', []);
});

test('a saga that was reset is listed once, with the state of its newest run, and at its old place', async () => {
  const id = rehearsals.at(-1) ?? '';
  const item = async (query: string) =>
    (await list(query)).items.find(({ saga_id }: { saga_id: string }) => saga_id === id);
  const { started_at } = await item('?state=completed');
  await system.rest('loan');
  await resetToBefore(system, `rehearsal-${id}`, 'visit-loan');
  await untilListed('?state=running', [id]);
  await expect.poll(async () => idsOf(await list('?state=completed'))).not.toContain(id);
  for (const query of ['?state=running', '?type=rehearsal'])
    expect(await item(query)).toMatchObject({ state: 'running', started_at });
  await system.work('loan');
  await system.untilEnded(id);
  await expect
    .poll(async () => idsOf(await list('?state=completed')), { timeout: 10_000 })
    .toEqual(rehearsals);
});

test('requests whose saga never started do not fill a page', async () => {
  await system.sql.unwind`
    insert into saga (id, type, caller, body_hash, created_at)
    select gen_random_uuid(), 'rehearsal', 'admin', 'h', now() - interval '2 minutes' from generate_series(1, 30)`;
  const [newest] = rehearsals;
  await system.sql
    .unwind`update saga set created_at = now() - interval '3 minutes' where id = ${newest ?? ''}`;
  await system.sql
    .unwind`update saga set created_at = now() - interval '1 hour' where started_at is not null and id <> ${newest ?? ''}`;
  const page = await list('?type=rehearsal&limit=20');
  expect(idsOf(page)[0]).toBe(newest);
  expect([page.items.length, page.next_cursor]).toEqual([rehearsals.length, null]);
});

test.each([
  'type=laundry',
  'state=odd',
  'state=completed&state=parked',
  'step=no"quotes',
  'limit=0',
  'limit=101',
  'limit=x',
  'limit=5&limit=6',
  'cursor=x',
  'colour=red',
])('?%s is 422 and names the parameter', async (query) => {
  const { status, body } = await system.call('GET', `/sagas?${query}`);
  expect(status).toBe(422);
  expect(body.errors[0].pointer).toBe(`/${query.split('=')[0]}`);
});

test.each([
  ['limit=x', 'limit must be a whole number from 1 to 100'],
  ['limit=101', 'limit must be a whole number from 1 to 100'],
  ['limit=5&limit=6', 'limit must be given only once'],
])('what is wrong with ?%s is said: %s', async (query, detail) => {
  for (const path of ['/sagas', '/customers'])
    expect((await system.call('GET', `${path}?${query}`)).body).toMatchObject({ status: 422, detail });
});

test('a forged cursor is 422', async () => {
  const cursorOf = (cursor: object) => Buffer.from(JSON.stringify(cursor)).toString('base64url');
  const page = (query: string, cursor: object) =>
    system.call('GET', `/sagas?${query}cursor=${cursorOf(cursor)}`);
  const noDate = { id: crypto.randomUUID(), createdAt: '0000-01-01T00:00:00Z' };
  expect((await page('', noDate)).status).toBe(422);
  const { next_cursor } = (await system.call('GET', '/sagas?state=completed&limit=1')).body;
  const real = z
    .object({ orchestrated: z.string() })
    .parse(JSON.parse(`${Buffer.from(next_cursor, 'base64url')}`));
  const noToken = { ...real, orchestrated: 'AAAA' };
  const { status, body } = await page('state=completed&', noToken);
  expect([status, body.errors]).toMatchObject([422, [{ pointer: '/cursor' }]]);
}, 30_000);

test.each([
  {
    trouble: 'after an outage that has ended, the next page is',
    statuses: [deadlineExceeded],
    expected: 200,
  },
  {
    trouble: 'on overload, the next page is',
    statuses: [resourceExhausted, resourceExhausted],
    expected: 429,
  },
])('$trouble $expected, and not 422', async ({ statuses, expected }) => {
  const query = '/sagas?state=completed&limit=1';
  const { next_cursor } = (await system.call('GET', query)).body;
  const proxy = await grpcProxy(system.temporal.address);
  const registry = openDatabase(system.databases.unwind);
  const temporal = createTemporalClient({ address: proxy.address }, system.config.temporal.namespace);
  const app = createApp({ ...apiSettings, registry, temporal, logger }, inPlaceOfAll(registry));
  proxy.fail('ListWorkflowExecutions', statuses);
  expect((await app.request(`${query}&cursor=${next_cursor}`)).status).toBe(expected);
  await Promise.all([temporal.connection.close(), registry.end()]);
  proxy.close();
});

test('a cursor of another list is 422', async () => {
  const { next_cursor } = await list('?limit=1');
  expect((await system.call('GET', `/sagas?state=completed&cursor=${next_cursor}`)).status).toBe(422);
});

test.each([
  ['', { id: randomUUID(), createdAt: '+200000-01-01T00:00:00.000Z' }],
  ['state=completed&', { orchestrated: '' }],
  ['state=completed&', { choreographed: { ended: true, id: randomUUID(), at: 8.64e15 } }],
])('?%scursor=%j is 422', async (query, cursor) => {
  const text = Buffer.from(JSON.stringify(cursor)).toString('base64url');
  const { status, body } = await system.call('GET', `/sagas?${query}cursor=${text}`);
  expect([status, body.errors]).toEqual([422, [expect.objectContaining({ pointer: '/cursor' })]]);
});
