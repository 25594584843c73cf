import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { apiSettings } from '../support/api-settings.ts';
import { inPlaceOfAll } from '../support/databases.ts';
import { portOf } from '../support/port-of.ts';
import { type System, startSystem } from '../support/system.ts';
import { logLines } from './log-lines.ts';

const { logger, lines } = logLines();
const person = { name: 'Ada Lovelace', email: 'ada.lovelace@example.com' };
const application = {
  customer: person,
  loan_amount: 123_456.78,
  property_value: 300_000,
  interest_rate: 4,
  term_years: 30,
  annual_income: 98_765.43,
};

let system: System;
beforeAll(async () => {
  system = await startSystem({ logger });
});
afterAll(() => system.end());

const stepLines = (saga: string) => lines.filter((line) => line.msg === 'step' && line.saga === saga);
const untilFailed = async (saga: string) => {
  await expect.poll(() => stepLines(saga).find((line) => line.err), { timeout: 20_000 }).toBeDefined();
  return stepLines(saga).find((line) => line.err);
};
const expectNothingPrivate = () =>
  expect(JSON.stringify(lines)).not.toMatch(/lovelace|ada\.|example\.com|123456|123456\.78|98765/i);

test('a request is one line: method, route template, status, duration and saga', async () => {
  const id = await system.start('mortgage-origination', application);
  await system.untilEnded(id);
  await system.call('POST', '/sagas/mortgage-origination', { ...application, loan_amount: -1 });
  const requests = lines.filter(({ msg }) => msg === 'request');
  const { level, time, pid, hostname, name, msg, ...posted } = requests.find(({ status }) => status === 202);
  expect(posted).toEqual({
    method: 'POST',
    route: expect.stringMatching(/^\/sagas\/(:type|mortgage-origination)/),
    status: 202,
    duration_ms: expect.any(Number),
    saga: id,
  });
  expect(requests).toContainEqual(
    expect.objectContaining({ method: 'GET', route: '/sagas/:id', status: 200, saga: id }),
  );
  expect(requests).toContainEqual(expect.objectContaining({ method: 'POST', status: 422 }));
});

test('a step is one line: saga, step, op, attempt, outcome and duration', async () => {
  const id = await system.start('rehearsal', {});
  await system.untilEnded(id);
  const line = { saga: id, op: 'do', attempt: 1, outcome: 'done', duration_ms: expect.any(Number) };
  expect(stepLines(id)).toMatchObject(
    ['visit-customer', 'visit-mortgage', 'visit-loan'].map((step) => ({ ...line, step })),
  );
});

test('a command and a decision are one line: saga, action, step, who and why', async () => {
  const failpoint = { step: 'submit-application', op: 'do', at: 'before', do: 'refuse', times: 1 } as const;
  system.config.failpoints.push(failpoint);
  const customer = { ...person, email: 'ada.5@example.com' };
  const id = await system.start('mortgage-origination', {
    ...application,
    customer,
    annual_income: undefined,
  });
  await system.untilState(id, 'parked');
  await system.command(id, 'retry', { step: 'submit-application', reason: 'the registry is back' });
  await system.untilState(id, 'waiting');
  await system.command(id, 'decision', { approved: false, reason: 'no income' });
  await system.untilEnded(id);
  const shown = ({ msg, action, step, approved, by, reason }: (typeof lines)[number]) => ({
    ...{ msg, action, step, approved, by, reason },
  });
  const ordered = lines.filter(({ msg, saga }) => ['command', 'decision'].includes(msg) && saga === id);
  expect(ordered.map(shown)).toEqual([
    {
      msg: 'command',
      action: 'retry',
      step: 'submit-application',
      by: 'admin',
      reason: 'the registry is back',
    },
    { msg: 'decision', approved: false, by: 'admin', reason: 'no income' },
  ]);
});

test('an insert that a constraint refuses is logged by code and constraint, without the row', async () => {
  const { customer } = system.sql;
  await customer`alter table customer add constraint nobody check (email like 'nobody%') not valid`;
  const id = await system.start('mortgage-origination', {
    ...application,
    customer: { ...person, email: 'ada.2@example.com' },
  });
  const line = await untilFailed(id);
  await customer`alter table customer drop constraint nobody`;
  expect(line).toMatchObject({
    step: 'register-customer',
    outcome: 'failed',
    err: {
      message: 'a query failed',
      cause: { code: '23514', constraint_name: 'nobody', table_name: 'customer' },
    },
  });
  expect(line.err.stack[0]).toMatch(/^at .+:\d+:\d+/);
  await system.untilEnded(id);
  expectNothingPrivate();
});

test('an insert whose error message repeats the value is logged without it', async () => {
  const { customer } = system.sql;
  await customer`alter table customer add constraint a_number check (name::integer > 0) not valid`;
  const id = await system.start('mortgage-origination', {
    ...application,
    customer: { ...person, email: 'ada.3@example.com' },
  });
  const line = await untilFailed(id);
  await customer`alter table customer drop constraint a_number`;
  expect(line.err.cause).toMatchObject({ code: '22P02', message: 'Postgres refused a value' });
  await system.untilEnded(id);
  expectNothingPrivate();
});

test('an unexpected error of a request is logged without its body, its key and its parameters', async () => {
  const registry = openDatabase(system.databases.customer);
  const temporal = system.temporal.client;
  const app = createApp({ ...apiSettings, registry, temporal, logger }, inPlaceOfAll(registry));
  const key = `ada.${randomUUID()}`;
  const response = await app.request('/sagas/mortgage-origination', {
    method: 'POST',
    body: JSON.stringify(application),
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
  });
  expect(response.status).toBe(500);
  expect(lines.find(({ msg }) => msg === 'request failed').err.cause).toMatchObject({ code: '42P01' });
  expectNothingPrivate();
  await registry.end();
});

test.each([
  { length: 'content-length: 100', sent: '{"saga_id":' },
  { length: 'transfer-encoding: chunked', sent: '5\r\n{"sag\r\n' },
])('a client that disconnects within its body ($length) is a 400 and no error', async ({ length, sent }) => {
  const before = lines.length;
  const server = createServer(getRequestListener(system.app.fetch));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(server);
  const client = connect(port, '127.0.0.1');
  const head = ['POST /start HTTP/1.1', 'host: 127.0.0.1', 'content-type: application/json', length];
  const received = once(server, 'request');
  client.write(`${head.join('\r\n')}\r\n\r\n${sent}`);
  await received;
  client.destroy();
  const logged = () => lines.slice(before);
  await expect
    .poll(() => logged().filter(({ msg }) => msg === 'request'), { timeout: 10_000 })
    .toMatchObject([{ route: '/start', status: 400 }]);
  expect(logged().filter(({ level }) => level >= 50)).toEqual([]);
  server.close();
});
