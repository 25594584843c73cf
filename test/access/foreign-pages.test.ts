import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectProblem, lent, listen, type Send, sender } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let api: Send;
let loans: Send;
beforeAll(async () => {
  system = await startSystem();
  api = sender(system.app.request);
  loans = sender(system.service('loan').request);
});
afterAll(() => system.end());

const host = '127.0.0.1:3000';
const own: Record<string, string>[] = [
  {},
  { host },
  { host: 'localhost:8083', 'sec-fetch-site': 'none' },
  { host: '[::1]:3000', origin: 'http://[::1]:3000', 'sec-fetch-site': 'same-origin' },
  { host: 'LOCALHOST', origin: 'http://localhost' },
];
const foreign: Record<string, string>[] = [
  { host, origin: 'http://evil.example' },
  { host, origin: 'http://127.0.0.1:4000' },
  { host, origin: 'null' },
  { host, 'sec-fetch-site': 'cross-site' },
  { host, 'sec-fetch-site': 'same-site' },
  { host: 'evil.example' },
  { host: 'evil.example:3000', origin: 'http://evil.example:3000', 'sec-fetch-site': 'same-origin' },
  { host: '127.0.0.1.evil.example' },
];

const sagas = () => system.sql.unwind`select 1 from saga`;
const rows = () => system.sql.loan`select 1 from loan`;

test.each(foreign)('a page of another origin starts and creates nothing: %j', async (headers) => {
  const before = [(await sagas()).length, (await rows()).length];
  expectProblem(await api('POST', '/start', `saga_id=${randomUUID()}`, headers), 403, '/start');
  expectProblem(await api('POST', '/loans', lent(), headers), 403, '/loans');
  expectProblem(await loans('POST', '/loans', lent(), headers), 403, '/loans');
  expect([(await sagas()).length, (await rows()).length]).toEqual(before);
});

test.each(own)('a program and a page of this origin do: %j', async (headers) => {
  expect((await api('POST', '/start', `saga_id=${randomUUID()}`, headers)).status).toBe(202);
  expect((await loans('POST', '/loans', lent(), headers)).status).toBe(201);
});

test('a link from another page is followed, and nothing is read by a name that is bound to loopback', async () => {
  const link = { host, 'sec-fetch-site': 'cross-site' };
  expect((await api('GET', '/sagas', undefined, link)).status).toBe(200);
  expect((await system.app.request('/docs', { headers: link })).status).toBe(200);
  expectProblem(await api('GET', '/sagas', undefined, { host: 'evil.example' }), 403, '/sagas');
  expectProblem(
    await loans('GET', '/ledger/balances', undefined, { host: 'evil.example' }),
    403,
    '/ledger/balances',
  );
});

const forwarded = {
  forwarded: 'for=192.0.2.60',
  'x-forwarded-for': '192.0.2.60',
  'x-real-ip': '192.0.2.60',
  via: '1.1 proxy.example',
};

test.each(Object.entries(forwarded))('what a proxy forwards, with %s, is refused', async (name, value) => {
  const headers = { host, [name]: value };
  for (const send of [api, loans]) {
    const answer = await send('GET', '/ledger/balances', undefined, headers);
    expectProblem(answer, 403, '/ledger/balances');
    expect(answer.body.detail).toContain('turn on AUTH');
    expectProblem(await send('POST', '/loans', lent(), headers), 403, '/loans');
  }
});

test('with a token, pages of other origins and proxies may call', async () => {
  const guarded = sender(system.service('loan', 'a-long-secret').request);
  const headers = {
    host: 'loans.example',
    origin: 'http://evil.example',
    ...forwarded,
    authorization: 'Bearer a-long-secret',
  };
  expect((await guarded('POST', '/loans', lent(), headers)).status).toBe(201);
});

test('over a socket, whatever port it is', async () => {
  const { url, send, close } = await listen(system.app);
  for (const headers of [{}, { origin: url }])
    expect((await send('POST', '/start', `saga_id=${randomUUID()}`, headers)).status).toBe(202);
  expect(
    (await send('POST', '/start', `saga_id=${randomUUID()}`, { origin: 'http://evil.example' })).status,
  ).toBe(403);
  await close();
});
