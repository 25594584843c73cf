import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/guard/database.ts';
import { requestHash } from '../../src/guard/request-hash.ts';
import { claimSaga } from '../../src/services/registry/claim-saga.ts';
import { brief, readEvents, timelineOf } from '../support/events.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
beforeAll(async () => {
  system = await startSystem();
  shop = shopOf(system);
});
afterAll(() => system.end());

test('its stream agrees with GET, from the first event or after any other', async () => {
  const id = await shop.choreograph([await shop.product({ inventory: 0 }), 1]);
  const seen = await readEvents(system, id);
  expect(seen.map(brief).filter((line) => line !== 'running')).toEqual([
    'do create-order done',
    'do create-payment running',
    'do create-payment done',
    'do reserve-inventory running',
    'do reserve-inventory refused',
    'compensating',
    'undo create-payment running',
    'undo create-payment done',
    'undo create-order running',
    'undo create-order done',
    'compensated',
    'end',
  ]);
  expect(timelineOf(seen)).toEqual((await system.get(id)).timeline);
  const ids = seen.flatMap(({ id }) => id ?? []).map(Number);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  const after = String(ids[4]);
  const rest = await readEvents(system, id, { after });
  expect(rest.flatMap(({ id }) => id ?? []).map(Number)).toEqual(ids.slice(5));
  // A stream that broke off after the last entry lacks the state that followed it.
  const end = await readEvents(system, id, { after: String(ids.at(-1)) });
  expect(end.map(brief)).toEqual(['compensated', 'end']);
});

test('it can be read and watched before its first event is delivered', async () => {
  await system.rest('relay');
  const purchase = { ...shop.basket([await shop.product(), 1]), mode: 'choreographed' };
  const id = await system.start('purchase', purchase);
  const early = await system.get(id);
  expect(early).toMatchObject({ state: 'running', step: 'create-payment', input: purchase });
  const seen = readEvents(system, id);
  const steps = ['do create-order done', 'do create-payment running'];
  expect(stepsOf(early)).toEqual(steps);
  const first = await readEvents(system, id, { enough: ({ length }) => length === 3 });
  expect(first.map(brief)).toEqual([steps[0], 'running', steps[1]]);
  await system.work('relay');
  expect((await system.untilEnded(id)).timeline.slice(0, 1)).toEqual(early.timeline.slice(0, 1));
  expect(timelineOf(await seen)).toEqual((await system.get(id)).timeline);
});

test('with Prefer: wait the response comes when it has ended', async () => {
  const body = { ...shop.basket([await shop.product(), 1]), mode: 'choreographed' };
  const answer = await system.call('POST', '/sagas/purchase', body, { prefer: 'wait=20' });
  expect([answer.status, answer.body.state]).toEqual([200, 'completed']);
});

test('the same key and body are the same purchase, also 20 at once; another mode is another body', async () => {
  const pen = await shop.product();
  const body = { ...shop.basket([pen, 1]), mode: 'choreographed' };
  const key = { 'idempotency-key': crypto.randomUUID() };
  const send = () => system.call('POST', '/sagas/purchase', body, key);
  const answers = await Promise.all(Array.from({ length: 20 }, send));
  const ids = new Set(answers.map((answer) => answer.body.saga_id));
  expect([ids.size, new Set(answers.map(({ status }) => status))]).toEqual([1, new Set([202])]);
  const [id = ''] = ids;
  await system.untilEnded(id);
  expect((await send()).body.saga_id).toBe(id);
  expect(await shop.inventoryOf(pen)).toBe(9);
  expect((await system.call('POST', '/sagas/purchase', shop.basket([pen, 1]), key)).status).toBe(422);
});

test('what was claimed and never begun is begun by a resend', async () => {
  const registry = openDatabase(system.databases.unwind);
  const body = { ...shop.basket([await shop.product(), 1]), mode: 'choreographed' };
  const key = crypto.randomUUID();
  const request = { type: 'purchase', mode: 'choreographed', caller: 'admin', key } as const;
  const claim = await claimSaga(registry, { ...request, bodyHash: requestHash(body) });
  await registry.end();
  for (const path of [`/sagas/${claim?.id}`, `/sagas/${claim?.id}/events`])
    expect((await system.app.request(path)).status).toBe(404);
  const { body: answer } = await system.call('POST', '/sagas/purchase', body, { 'idempotency-key': key });
  expect(answer.saga_id).toBe(claim?.id);
  expect((await system.untilEnded(answer.saga_id)).state).toBe('completed');
});

test('a running purchase can be read, also if it was not marked as started', async () => {
  const id = await shop.choreograph([await shop.product(), 1]);
  await system.untilEnded(id);
  await system.sql.unwind`update saga set started_at = null where id = ${id}`;
  expect((await system.get(id)).state).toBe('completed');
  const again = await shop.choreograph([await shop.product(), 1]);
  await system.untilEnded(again);
  const [row] = await system.sql.unwind`
    select s.started_at, c.created_at = s.created_at as same from saga s
    join choreography c on c.saga_id = s.id where s.id = ${again}`;
  expect(row).toEqual({ started_at: expect.any(Date), same: true });
});

test('a deadline that has passed is a refusal, and undoes what was done', async () => {
  await system.rest('relay');
  const pen = await shop.product();
  const id = await system.start('purchase', {
    ...shop.basket([pen, 1]),
    mode: 'choreographed',
    deadline: 'PT0.001S',
  });
  await system.work('relay');
  const { state, errors } = await system.untilEnded(id);
  expect([state, errors.execution]).toMatchObject([
    'compensated',
    [{ step: 'create-payment', type: 'deadline', message: 'the deadline has passed' }],
  ]);
  expect(await shop.rowsOf(id)).toMatchObject({ orders: [{ status: 'cancelled' }], payments: [] });
});
