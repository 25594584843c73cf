import { once } from 'node:events';
import { createServer } from 'node:http2';
import { Client } from '@temporalio/client';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { startLimiter } from '../../src/api/sagas/start-saga.ts';
import { createTemporalClient } from '../../src/api/temporal.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { grpcCode } from '../../src/history/grpc.ts';
import { apiSettings } from '../support/api-settings.ts';
import { commitLosingProxy } from '../support/commit-losing-proxy.ts';
import { inPlaceOfAll } from '../support/databases.ts';
import { grpcProxy } from '../support/grpc-proxy.ts';
import { origination, untilUnwinder, waitingSaga } from '../support/left-behind.ts';
import { portOf } from '../support/port-of.ts';
import { shopOf } from '../support/shop.ts';
import { silentProxy } from '../support/silent-proxy.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const nobody = '127.0.0.1:1';
const logger = pino({ level: 'silent' });

function appWith({
  registry = system.databases.unwind,
  temporal = system.config.temporal.connection.address ?? nobody,
}) {
  const database = openDatabase(registry);
  return createApp(
    {
      ...apiSettings,
      registry: database,
      temporal: createTemporalClient({ address: temporal }, system.config.temporal.namespace),
      logger,
    },
    inPlaceOfAll(database),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
const json = async (response: Response): Promise<any> => response.json();

const start = (app: ReturnType<typeof createApp>, key: string) =>
  app.request('/sagas/rehearsal', {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
  });

test('the process is alive during every outage', async () => {
  const response = await appWith({ registry: `postgres://${nobody}/x`, temporal: nobody }).request(
    '/liveness',
  );
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: 'up', host: expect.any(String) });
});

test('readiness is ok while database and Temporal respond', async () => {
  const response = await system.app.request('/readiness');
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
});

test('readiness names what is down', async () => {
  const noDatabase = await appWith({ registry: `postgres://${nobody}/x` }).request('/readiness');
  expect([noDatabase.status, (await json(noDatabase)).not_ready]).toEqual([503, ['database']]);
  const noTemporal = await appWith({ temporal: nobody }).request('/readiness');
  expect([noTemporal.status, (await json(noTemporal)).not_ready]).toEqual([503, ['temporal']]);
});

test('a database that only takes reads, as after a failover, is not ready', async () => {
  const standby = `${system.databases.unwind}?default_transaction_read_only=on`;
  const response = await appWith({ registry: standby }).request('/readiness');
  expect([response.status, (await json(response)).not_ready]).toEqual([503, ['database']]);
});

test('a start without the database is 503, and the key stays usable', async () => {
  const response = await start(appWith({ registry: `postgres://${nobody}/x` }), 'k1');
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('5');
  expect(await response.text()).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/);
  expect((await start(system.app, 'k1')).status).toBe(202);
});

test.concurrent('a start without Temporal is 503, and the same request later starts the one saga', async () => {
  const response = await start(appWith({ temporal: nobody }), 'k2');
  expect(response.status).toBe(503);
  const [row] = await system.sql.unwind`select id from saga where key = 'k2'`;
  const later = await start(system.app, 'k2');
  expect(later.status).toBe(202);
  expect((await json(later)).saga_id).toBe(row?.id);
  expect((await system.untilEnded(row?.id)).state).toBe('completed');
});

test.concurrent('without a key, a start with an unknown outcome names the saga to check before a resend', async () => {
  const headers = { 'content-type': 'application/json' };
  const app = appWith({ temporal: nobody });
  const response = await app.request('/sagas/rehearsal', { method: 'POST', body: '{}', headers });
  const { saga, detail } = await json(response);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  expect(detail).toContain(`look at ${saga} before you send the request again`);
  const id = saga.replace('/sagas/', '');
  expect(await system.sql.unwind`select started_at from saga where id = ${id}`).toEqual([
    { started_at: null },
  ]);
});

test.concurrent('a saga cannot be read, listed or followed while the database or Temporal is down: 503, never a 404', async () => {
  const id = await system.start('rehearsal', {});
  const paths = [`/sagas/${id}`, '/sagas', '/sagas?state=completed', `/sagas/${id}/events`];
  for (const app of [appWith({ registry: `postgres://${nobody}/x` }), appWith({ temporal: nobody })]) {
    const responses = await Promise.all(paths.map((path) => app.request(path)));
    const told = responses.map(({ status, headers }) => [status, headers.get('retry-after')]);
    expect(told).toEqual(paths.map(() => [503, '5']));
  }
});

test.concurrent('a database that goes silent is 503, for a start and for readiness', async () => {
  const proxy = await silentProxy(system.databases.unwind);
  const app = appWith({ registry: proxy.url });
  expect((await app.request('/readiness')).status).toBe(200);
  proxy.silence();
  expect((await app.request('/readiness')).status).toBe(503);
  expect((await start(app, 'k4')).status).toBe(503);
  proxy.close();
  expect((await start(system.app, 'k4')).status).toBe(202);
});

test('so does a choreographed start with a lost commit, and it has begun', async () => {
  const proxy = await commitLosingProxy(system.databases.order);
  const registry = openDatabase(system.databases.unwind);
  const product = openDatabase(system.databases.product);
  const order = openDatabase(proxy.url);
  const shop = shopOf(system);
  const app = createApp(
    { ...apiSettings, registry, temporal: system.temporal.client, logger },
    { ...inPlaceOfAll(registry), product, order },
  );
  const body = JSON.stringify({ ...shop.basket([await shop.product(), 1]), mode: 'choreographed' });
  const headers = { 'content-type': 'application/json' };
  const response = await app.request('/sagas/purchase', { method: 'POST', body, headers });
  const { saga, detail } = await json(response);
  expect([response.status, detail]).toEqual([
    503,
    expect.stringContaining(`look at ${saga} before you send`),
  ]);
  const id = saga.replace('/sagas/', '');
  expect((await system.untilEnded(id)).state).toBe('completed');
  expect(await shop.rowsOf(id)).toMatchObject({ orders: [{ status: 'completed' }] });
  proxy.close();
  await Promise.all([registry, product, order].map((database) => database.end()));
});

test('without a key, a loan whose commit was lost may be stored twice, and the response says where to look', async () => {
  const registry = openDatabase(system.databases.unwind);
  const settings = { ...apiSettings, registry, temporal: system.temporal.client, logger };
  const twice = async (more: Record<string, string>) => {
    const proxy = await commitLosingProxy(system.databases.loan);
    const loan = openDatabase(proxy.url);
    const app = createApp(settings, { ...inPlaceOfAll(registry), loan });
    const customer_id = crypto.randomUUID();
    const terms = { loan_amount: 100, interest_rate: 4, term_years: 1 };
    const body = JSON.stringify({ mortgage_id: crypto.randomUUID(), customer_id, ...terms });
    const headers = { 'content-type': 'application/json', ...more };
    const post = () => app.request('/loans', { method: 'POST', body, headers });
    const [lost, again] = [await post(), await post()];
    proxy.close();
    await loan.end();
    const { detail } = await json(lost);
    const [, where] = /look at (\S+)/.exec(detail) ?? [];
    const list = `/customers/${customer_id}/loans`;
    const stored = (await system.call('GET', where ?? list)).body.length;
    return { statuses: [lost.status, again.status], detail, where, list, stored };
  };
  const keyless = await twice({});
  expect(keyless).toMatchObject({ statuses: [503, 201], where: keyless.list, stored: 2 });
  expect(keyless.detail).toMatch(/^whether it was stored is not known: .* before you send the request again/);
  expect(await twice({ 'idempotency-key': 'a-loan' })).toMatchObject({
    statuses: [503, 201],
    detail: expect.stringContaining('send the request again later'),
    stored: 1,
  });
  await registry.end();
});

test('without a key, a start that failed for an overload after its first try may have begun, and the response says so', async () => {
  const proxy = await grpcProxy(system.temporal.address);
  const app = appWith({ temporal: proxy.address });
  proxy.fail('StartWorkflowExecution', [grpcCode.unavailable, grpcCode.resourceExhausted]);
  const headers = { 'content-type': 'application/json' };
  const response = await app.request('/sagas/rehearsal', { method: 'POST', body: '{}', headers });
  const { saga, detail } = await json(response);
  expect([response.status, detail]).toEqual([
    429,
    expect.stringContaining(`look at ${saga} before you send`),
  ]);
  proxy.close();
});

test('a namespace that does not exist is not ready', async () => {
  const { connection } = system.temporal;
  const temporal = new Client({ connection, namespace: 'nosuch' });
  const registry = openDatabase(system.databases.unwind);
  const app = createApp({ ...apiSettings, registry, temporal, logger }, inPlaceOfAll(registry));
  expect((await json(await app.request('/readiness'))).not_ready).toEqual(['temporal']);
  await registry.end();
});

test('when too many sagas are being started it is 429 with Retry-After, and nothing is begun', async () => {
  const registry = openDatabase(system.databases.unwind);
  const temporal = system.temporal.client;
  const given = { ...apiSettings, registry, temporal, logger, starts: startLimiter(0, 1) };
  const response = await start(createApp(given, inPlaceOfAll(registry)), 'too-many');
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5']);
  expect((await json(response)).detail).toContain('send the request again later');
  expect(await system.sql.unwind`select 1 from saga where key = 'too-many'`).toEqual([]);
  await registry.end();
});

test('when too much is asked of Temporal it is 429 with Retry-After, and the key stays usable', async () => {
  const overloaded = createServer();
  overloaded.on('stream', (stream) =>
    stream.respond({ 'content-type': 'application/grpc', 'grpc-status': '8' }, { endStream: true }),
  );
  const sessions: { destroy(): void }[] = [];
  overloaded.on('session', (session) => sessions.push(session));
  await once(overloaded.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(overloaded);
  const app = appWith({ temporal: `127.0.0.1:${port}` });
  const response = await start(app, 'k5');
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5']);
  expect((await json(response)).detail).toContain('send the request again later');
  expect(await system.sql.unwind`select started_at from saga where key = 'k5'`).toEqual([
    { started_at: null },
  ]);
  for (const session of sessions) session.destroy();
  overloaded.close();
  expect((await start(system.app, 'k5')).status).toBe(202);
});

/** More than Temporal keeps of one workflow. */
async function statusesOfTwelve(path: string, body: object) {
  const app = appWith({});
  const headers = { 'content-type': 'application/json' };
  const post = () => app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const responses = await Promise.all(Array.from({ length: 12 }, post));
  return responses.map(({ status }) => status);
}
const twelve = Array.from({ length: 12 }, () => 503);

test('decisions without a worker are 503, also when there are more than Temporal keeps', async () => {
  const id = await waitingSaga(system);
  await system.rest('sagas');
  const decision = { approved: true, reason: 'known to us' };
  expect(await statusesOfTwelve(`/sagas/${id}/decision`, decision)).toEqual(twelve);
  await system.work('sagas');
});

test('so are commands to a terminated saga, whether or not its stand-in has begun', async () => {
  const begun = await waitingSaga(system);
  const other = await waitingSaga(system);
  await system.handle(origination, begun).terminate('by hand');
  await untilUnwinder(system, begun);
  await system.rest('sagas');
  await system.handle(origination, other).terminate('by hand');
  for (const id of [begun, other])
    expect(await statusesOfTwelve(`/sagas/${id}/compensate`, { reason: 'a mistake' })).toEqual(twelve);
  await system.work('sagas');
});

test('an unexpected error is 500 and tells nothing of its cause', async () => {
  const registry = openDatabase(system.databases.customer);
  const temporal = system.temporal.client;
  const app = createApp({ ...apiSettings, registry, temporal, logger }, inPlaceOfAll(registry));
  const response = await start(app, 'k3');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toMatch(/relation|saga"|insert|stack/);
  await registry.end();
});
