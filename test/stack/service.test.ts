import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { checkPorts, freePort } from '../../scripts/stack/ports.ts';
import { type Program, start, stopAll } from '../compose/programs.ts';
import { lockWaits } from '../support/lock-waits.ts';
import { portOf } from '../support/port-of.ts';

const project = join(import.meta.dirname, '..', '..');
afterAll(stopAll);

const database = new URL(inject('databaseUrl'));
const nowhere = 'postgres://unwind:unwind@127.0.0.1:1/unwind';
database.pathname = `/alone_${randomBytes(6).toString('hex')}`;

function serviceAlone(args: string[], env: Record<string, string>): Program {
  const { PATH, HOME } = process.env;
  const away = { TEMPORAL_ADDRESS: '127.0.0.1:1', WORKER_METRICS_PORT: '0', LOAN_PORT: '0' };
  return start([process.execPath, 'scripts/run.mjs', 'scripts/service/run.ts', ...args], project, {
    PATH,
    HOME,
    ...away,
    ...env,
  });
}

async function customersAlone() {
  const port = await freePort();
  const env = { CUSTOMER_DATABASE_URL: database.href, CUSTOMER_PORT: String(port) };
  const service = serviceAlone(['customer'], env);
  const url = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(`${url}/liveness`).then(
      ({ ok }) => ok,
      () => !service.running(),
    );
  await expect.poll(isUp, { timeout: 60_000 }).toBe(true);
  return { service, url };
}

test('one service runs alone with nothing but its database, and waits for Temporal', async () => {
  const { service, url } = await customersAlone();
  await expect
    .poll(() => fetch(`${url}/readiness`).then((response) => response.json()), { timeout: 20_000 })
    .toMatchObject({ status: 503, not_ready: ['temporal'] });

  const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com' });
  const created = await fetch(`${url}/customers`, { method: 'POST', body });
  expect(created.status, service.printed()).toBe(201);
  expect(created.headers.get('keep-alive')).toBe('timeout=65');
  const list = (await (await fetch(`${url}/customers`)).json()) as { items: unknown[] };
  expect(list.items).toEqual([await created.json()]);
  await expect.poll(() => service.printed(), { timeout: 20_000 }).toContain('Temporal cannot be reached yet');
  expect(await service.stop()).toBe(0);
});

test('told to stop while it waits for Temporal, it answers the request in progress', async () => {
  const { service, url } = await customersAlone();
  const send = (method: string, path: string, name: string) =>
    fetch(`${url}${path}`, { method, body: JSON.stringify({ name, email: 'grace@example.com' }) });
  const { id } = (await (await send('POST', '/customers', 'Grace')).json()) as { id: string };
  const sql = postgres(database.href, { max: 2 });
  onTestFinished(() => sql.end());
  const held = await sql.reserve();
  await held`begin`;
  await held`select 1 from customer where id = ${id} for update`;
  const updating = send('PUT', `/customers/${id}`, 'Grace Hopper').catch(String);
  await expect.poll(() => lockWaits(sql), { timeout: 20_000 }).toHaveLength(1);
  void service.stop();
  const refuses = () =>
    fetch(`${url}/liveness`).then(
      () => false,
      () => true,
    );
  await expect.poll(refuses, { timeout: 20_000 }).toBe(true);
  await held`commit`;
  held.release();

  expect(await updating, service.printed()).toMatchObject({ status: 200 });
  expect(await sql`select name from customer where id = ${id}`).toEqual([{ name: 'Grace Hopper' }]);
  expect(await service.ended).toBe(0);
});

test('the loan service prepares the registry too, in which its port registers payments', async () => {
  const ofRun = (name: string) => database.href.replace('/alone_', `/${name}_`);
  const env = {
    LOAN_DATABASE_URL: ofRun('loan'),
    UNWIND_DATABASE_URL: ofRun('unwind'),
    LOAN_PORT: String(await freePort()),
  };
  const service = serviceAlone(['loan'], env);
  await expect.poll(() => service.printed(), { timeout: 60_000 }).toContain('Temporal cannot be reached yet');
  expect(service.printed()).toMatch(/^database loan: created.*\ndatabase unwind: created/m);
  expect(await service.stop()).toBe(0);
});

test('without its port the loan service needs no registry', async () => {
  const loan = database.href.replace('/alone_', '/quiet_');
  const service = serviceAlone(['loan'], { LOAN_DATABASE_URL: loan, UNWIND_DATABASE_URL: nowhere });
  await expect.poll(() => service.printed(), { timeout: 60_000 }).toContain('Temporal cannot be reached yet');
  expect(await service.stop()).toBe(0);
});

test.each([[[]], [['nobody']], [['customer', 'loan']]])(
  'without the name of one service (%o) it says which there are',
  async (args) => {
    const service = serviceAlone(args, {});
    expect(await service.ended).toBe(1);
    expect(service.printed()).toBe('name one service: npm run service customer | mortgage | loan\n');
  },
);

test('without its database it says which server cannot be reached', async () => {
  const service = serviceAlone(['loan'], { DATABASE_URL: 'postgres://unwind:unwind@127.0.0.1:1' });
  expect(await service.ended).toBe(1);
  expect(service.printed()).toBe(
    'The databases at 127.0.0.1:1 cannot be reached (connect ECONNREFUSED 127.0.0.1:1).\nStart Unwind (npm start), or set LOAN_DATABASE_URL.\n',
  );
});

test('it looks for the database where npm start puts it', async () => {
  const port = await freePort();
  const service = serviceAlone(['loan'], { POSTGRES_PORT: String(port) });
  expect(await service.ended).toBe(1);
  expect(service.printed()).toContain(`The databases at 127.0.0.1:${port} cannot be reached`);
});

test.each(['DATABASE_URL', 'LOAN_DATABASE_URL'])(
  'a wrong password in %s is reported as that',
  async (name) => {
    const url = inject('databaseUrl').replace('//unwind:unwind@', '//unwind:wrong@');
    const service = serviceAlone(['loan'], { [name]: url });
    expect(await service.ended).toBe(1);
    expect(service.printed()).toMatch(/^The databases at \S+ refuse the login .*\. Correct \w+\.\n$/);
    expect(service.printed()).toContain(` Correct ${name}.`);
  },
);

test('SIGTERM to npm stops the service too', async () => {
  const port = await freePort();
  const { PATH, HOME } = process.env;
  const npm = start(['npm', 'run', 'service', 'customer'], project, {
    ...{ PATH, HOME, TEMPORAL_ADDRESS: '127.0.0.1:1', WORKER_METRICS_PORT: '0' },
    CUSTOMER_DATABASE_URL: database.href,
    CUSTOMER_PORT: String(port),
  });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/liveness`).then(
      ({ ok }) => ok,
      () => (npm.running() ? false : npm.printed()),
    );
  await expect.poll(answers, { timeout: 60_000 }).toBe(true);
  process.kill(npm.pid, 'SIGTERM');
  const wish = { port, host: '127.0.0.1', wantedBy: 'the test', variable: 'none' };
  const isFree = () =>
    checkPorts([wish]).then(
      () => true,
      () => false,
    );
  await expect.poll(isFree, { timeout: 10_000 }).toBe(true);
});

test('a port that is taken, as beside npm start, is said in one line', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const port = portOf(taken);
  const service = serviceAlone(['customer'], { CUSTOMER_PORT: String(port) });
  expect(await service.ended).toBe(1);
  expect(service.printed()).toBe(
    `Port ${port} is taken by another program, and the customer service wants it. Free it, or set CUSTOMER_PORT to another port.\n`,
  );
});

test.each([
  ['scripts/service/run.ts', ['loan'], 1],
  ['src/audit.ts', [], 2],
  ['src/migrate.ts', [], 1],
])('%s says what is wrong with its configuration, and no more', async (script, args, code) => {
  const { PATH, HOME } = process.env;
  const program = start([process.execPath, 'scripts/run.mjs', script, ...args], project, {
    PATH,
    HOME,
    PORT: 'x',
  });
  expect(await program.ended).toBe(code);
  expect(program.printed()).toBe('The configuration cannot be used:\n  - PORT must be a port, 1 to 65535\n');
});
