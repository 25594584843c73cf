import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { brief, readEvents } from '../support/events.ts';
import { referred } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());
afterEach(() => {
  system.config.failpoints.length = 0;
});

const events = (id: string, options?: Parameters<typeof readEvents>[2]) => readEvents(system, id, options);

test('every change is sent as it happens, then the end', async () => {
  const id = await system.start('rehearsal', {});
  const seen = await events(id);
  expect(seen.map(brief)).toEqual([
    'running',
    ...['visit-customer', 'visit-mortgage', 'visit-loan'].flatMap((step) => [
      `do ${step} running`,
      `do ${step} running`,
      `do ${step} done`,
    ]),
    'completed',
    'end',
  ]);
  const last = seen.filter(({ event }) => event === 'timeline').at(-1);
  const { timeline } = await system.get(id);
  expect(last?.data).toEqual(timeline.at(-1));
  expect(last?.id).toBe(String(last?.data.seq));
});

test('a stream goes on after the last event that was seen', async () => {
  const id = await system.start('rehearsal', {});
  await system.untilEnded(id);
  const all = await events(id);
  const half = all.filter(({ id }) => id !== undefined)[4];
  const rest = await events(id, { after: half?.id ?? '' });
  expect(rest).toEqual(all.slice(all.findIndex(({ id }) => id === half?.id) + 1));
  expect((await events(id, { after: '999' })).map(brief)).toEqual(['end']);
  // As some clients send it before they have seen one.
  expect(await events(id, { after: '' })).toEqual(all);
});

test('undoing is said when it has happened, and only then', async () => {
  system.config.failpoints.push({ step: 'visit-loan', op: 'do', at: 'before', do: 'refuse' });
  const id = await system.start('rehearsal', {});
  const seen = (await events(id)).map(brief);
  expect(seen.slice(seen.indexOf('do visit-loan refused'))).toEqual([
    'do visit-loan refused',
    'compensating',
    ...['visit-loan', 'visit-mortgage', 'visit-customer'].flatMap((step) => [
      `undo ${step} running`,
      `undo ${step} running`,
      `undo ${step} ${step === 'visit-loan' ? 'nothing-to-undo' : 'done'}`,
    ]),
    'compensated',
    'end',
  ]);
});

test('many streams of one saga all see the same, though no worker runs when they begin', async () => {
  await system.rest('sagas');
  const id = await system.start('rehearsal', {});
  const streams = Array.from({ length: 20 }, () => events(id));
  await system.work('sagas');
  const [first, ...others] = (await Promise.all(streams)).map((seen) => seen.map(brief));
  expect(first?.at(-1)).toBe('end');
  for (const other of others) expect(other).toEqual(first);
});

test('a stream that is left does not disturb the others', async () => {
  await system.rest('loan');
  const id = await system.start('rehearsal', {});
  const staying = events(id);
  await events(id, { enough: (seen) => seen.length >= 3 });
  await system.work('loan');
  expect((await staying).map(brief).at(-1)).toBe('end');
});

test('an unknown saga is 404, a bad id 400, a bad Last-Event-ID 422', async () => {
  expect((await system.app.request(`/sagas/${randomUUID()}/events`)).status).toBe(404);
  expect((await system.app.request('/sagas/7/events')).status).toBe(400);
  const id = await system.start('rehearsal', {});
  expect(
    (await system.app.request(`/sagas/${id}/events`, { headers: { 'last-event-id': 'x' } })).status,
  ).toBe(422);
});

test('HEAD says what there is, and follows nothing', async () => {
  await system.rest('loan');
  const id = await system.start('rehearsal', {});
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const heads = await Promise.all(
    Array.from({ length: 200 }, () => system.app.request(`/sagas/${id}/events`, { method: 'HEAD' })),
  );
  for (const { status, headers, body } of heads)
    expect([status, headers.get('content-type'), body]).toEqual([200, 'text/event-stream', null]);
  expect(timers() - before).toBeLessThan(100);
  expect((await system.app.request('/sagas/7/events', { method: 'HEAD' })).status).toBe(400);
  await system.work('loan');
  await system.untilEnded(id);
});

test('Prefer: wait answers the whole saga once it has ended, and 202 when it has not by then', async () => {
  const prefer = (seconds: string) => ({ prefer: `wait=${seconds}` });
  const ended = await system.call('POST', '/sagas/rehearsal', {}, prefer('20'));
  expect(ended.status).toBe(200);
  expect(ended.headers.get('preference-applied')).toBe('wait=20');
  system.config.failpoints.push({ step: 'visit-loan', op: 'do', at: 'before', do: 'refuse', times: 1 });
  const unwound = await system.call('POST', '/sagas/rehearsal', {}, prefer('20'));
  expect(unwound.body.state).toBe('compensated');
  expect(await system.get(unwound.body.saga_id)).toEqual(unwound.body);
  expect(ended.body).toEqual(await system.get(ended.body.saga_id));
  expect(ended.body.state).toBe('completed');

  await system.rest('loan');
  const late = await system.call('POST', '/sagas/rehearsal', {}, prefer('1'));
  expect(late.status).toBe(202);
  await system.work('loan');
  expect((await system.call('POST', '/sagas/rehearsal', {}, prefer('soon'))).status).toBe(202);
});

test('Prefer: wait, sent again, waits for what its saga does now, not for what it did before', async () => {
  const body = referred();
  const headers = { 'idempotency-key': randomUUID(), prefer: 'wait=20' };
  const again = () => system.call('POST', '/sagas/mortgage-origination', body, headers);
  const waiting = await again();
  expect([waiting.status, waiting.body.state]).toEqual([200, 'waiting']);
  const id: string = waiting.body.saga_id;
  await system.rest('loan');
  await system.command(id, 'decision', { approved: true });
  await system.untilState(id, 'running');
  const answer = again();
  await system.work('loan');
  expect(await answer).toMatchObject({ status: 200, body: { saga_id: id, state: 'completed' } });
});
