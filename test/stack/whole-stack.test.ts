import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../../scripts/stack/ports.ts';
import { until } from '../../scripts/stack/processes.ts';
import { start as program } from '../compose/programs.ts';
import { childrenOf } from './support.ts';

const project = join(import.meta.dirname, '..', '..');
const home = mkdtempSync(join(tmpdir(), 'unwind stack # 100%20-'));

let ports: { api: number; customer: number; postgres: number; temporal: number; ui: number };
let stack: ChildProcess;
let printed = '';

beforeAll(async () => {
  ports = {
    api: await freePort(),
    customer: await freePort(),
    postgres: await freePort(),
    temporal: await freePort(),
    ui: await freePort(),
  };
  await start();
}, 120_000);

afterAll(async () => {
  await stop();
  execFileSync(process.execPath, ['scripts/run.mjs', 'scripts/stack/reset.ts'], {
    cwd: project,
    env: { ...process.env, UNWIND_HOME: home },
  });
  rmSync(home, { recursive: true, force: true });
});

async function start() {
  printed = '';
  stack = spawn(process.execPath, ['--import', 'tsx', 'scripts/stack/main.ts'], {
    cwd: project,
    env: {
      ...process.env,
      UNWIND_HOME: home,
      TEMPORAL_CLI_PATH: inject('temporalCli'),
      PORT: String(ports.api),
      POSTGRES_PORT: String(ports.postgres),
      TEMPORAL_PORT: String(ports.temporal),
      TEMPORAL_UI_PORT: String(ports.ui),
      CUSTOMER_PORT: String(ports.customer),
      MORTGAGE_PORT: '0',
      LOAN_PORT: '0',
      API_METRICS_PORT: '0',
      WORKER_METRICS_PORT: '0',
      FAILPOINTS: JSON.stringify([
        { step: 'claim-customer', op: 'do', at: 'after_commit', do: 'exit', attempt: 1 },
      ]),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stack.stdout?.on('data', (bytes) => {
    printed += bytes;
  });
  const up = () => printed.includes('Ctrl-C stops everything') || stack.exitCode !== null;
  if (!(await until(up, 110_000)) || stack.exitCode !== null)
    throw new Error(`npm start did not come up:
${printed}`);
}

async function stop() {
  if (stack.exitCode !== null || stack.signalCode !== null) return;
  const exited = once(stack, 'exit');
  stack.kill('SIGINT');
  await exited;
}

const pidOf = (name: string) => childrenOf(home).find((child) => child.name === name)?.pid;

function kill(name: string) {
  const pid = pidOf(name);
  if (!pid) throw new Error(`${name} does not run`);
  process.kill(pid, 'SIGKILL');
  return pid;
}

async function api(method: string, path: string, body?: unknown) {
  const url = `http://127.0.0.1:${ports.api}${path}`;
  const json =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(url, { method, ...json });
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  return (await response.json()) as any;
}

const state = async (id: string) =>
  (await api('GET', `/sagas/${id}`).catch(() => ({ state: 'no answer' }))).state;
const untilState = (id: string, wanted: string) =>
  expect.poll(() => state(id), { timeout: 60_000, interval: 100 }).toBe(wanted);

const ready = async () =>
  (await fetch(`http://127.0.0.1:${ports.api}/readiness`).catch(() => ({ ok: false }))).ok;
const untilReady = () => expect.poll(ready, { timeout: 60_000, interval: 100 }).toBe(true);

const temporalCli = (...args: string[]) =>
  execFileSync(inject('temporalCli'), [...args, '--address', `127.0.0.1:${ports.temporal}`], {
    encoding: 'utf8',
  });

const rows = async (database: string, query: string, parameter: string) => {
  const sql = postgres(`postgres://unwind:unwind@127.0.0.1:${ports.postgres}/${database}`, { max: 1 });
  const found = await sql.unsafe(query, [parameter]);
  await sql.end();
  return [...found];
};

const mails = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.eml'))
        .map((name) => readFileSync(join(folder, name), 'utf8'))
    : [];

const terms = { loan_amount: 300_000, property_value: 600_000, interest_rate: 4, term_years: 25 };

test('npm start prints both demonstrations, read back from the databases', () => {
  expect(printed).toMatch(/Demonstration 1:.*granted/);
  expect(printed).toMatch(/activate-loan +done/);
  // Its own servers pass the checks of servers.
  expect(printed).not.toContain('Postgres at ');
  expect(printed).toContain('loan: active, 2176.03 a month');
  expect(printed).toContain('ledger: receivable 500000.00, cash -500000.00, sum 0.00');
  expect(printed).toMatch(/book-loan +refused: the customer would owe 2500000.00/);
  const undone = [...printed.matchAll(/undo (\S+)/g)].map(([, step]) => step);
  expect(undone).toEqual(['book-loan', 'approve-application', 'submit-application', 'register-customer']);
  expect(printed).toContain('application: withdrawn');
});

test('who was granted the loan has a mail in the folder that npm start names', async () => {
  const folder = join(home, 'mail');
  expect(printed).toContain(`Mail         ${folder}\n`);
  await expect
    .poll(() => mails(folder), { timeout: 20_000 })
    .toEqual([expect.stringContaining('To: ada@example.com')]);
});

test('a saga that waits survives kill -9 of worker, API, Temporal and Postgres, and a signal from the CLI completes it', async () => {
  const customer = { name: 'Grace Hopper', email: 'grace@example.com' };
  const { saga_id: id } = await api('POST', '/sagas/mortgage-origination', { customer, ...terms });
  await untilState(id, 'waiting');
  for (const name of ['worker', 'api', 'temporal', 'postgres']) {
    const killed = kill(name);
    await expect.poll(() => pidOf(name), { timeout: 30_000, interval: 20 }).not.toBe(killed);
    await untilReady();
    await untilState(id, 'waiting');
  }
  const decision = JSON.stringify({ approved: true, by: 'uma', reason: 'known to us' });
  temporalCli(
    'workflow',
    'signal',
    '--workflow-id',
    `mortgage-origination-${id}`,
    '--name',
    'decide',
    '--input',
    decision,
  );
  await untilState(id, 'completed');

  expect(await rows('customer', 'select 1 from customer where saga_id = $1', id)).toHaveLength(1);
  expect(await rows('mortgage', 'select status, held_by from application where saga_id = $1', id)).toEqual([
    { status: 'approved', held_by: null },
  ]);
  expect(await rows('loan', 'select status from loan where saga_id = $1', id)).toEqual([
    { status: 'active' },
  ]);
  expect(await rows('loan', 'select amount from ledger_entry where saga_id = $1 order by leg', id)).toEqual([
    { amount: '30000000' },
    { amount: '-30000000' },
  ]);
}, 180_000);

test('eight originations in progress survive kill -9 of Temporal and Postgres, and each loan is paid out once', async () => {
  const eight = Array.from({ length: 8 }, async (_, n) => {
    const customer = { name: 'Edsger Dijkstra', email: `edsger-${n}@example.com` };
    const { saga_id } = await api('POST', '/sagas/mortgage-origination', {
      ...{ customer, ...terms },
      annual_income: 120_000,
    });
    return String(saga_id);
  });
  const ids = await Promise.all(eight);
  const states = await Promise.all(ids.map(state));
  expect(states).toContain('running');
  const killed = ['temporal', 'postgres'].map((name) => ({ name, pid: kill(name) }));
  for (const { name, pid } of killed)
    await expect.poll(() => pidOf(name), { timeout: 30_000, interval: 20 }).not.toBe(pid);
  for (const id of ids) await untilState(id, 'completed');
  for (const id of ids)
    expect(await rows('loan', 'select amount from ledger_entry where saga_id = $1 order by leg', id)).toEqual(
      [{ amount: '30000000' }, { amount: '-30000000' }],
    );
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, UNWIND_HOME: home, POSTGRES_PORT: String(ports.postgres) };
  const audit = execFileSync(process.execPath, ['scripts/run.mjs', 'src/audit.ts'], {
    cwd: project,
    env,
    encoding: 'utf8',
  });
  expect(audit).toContain('audit: nothing is wrong');
}, 120_000);

test('the embedded Temporal writes ahead: its file says so', () => {
  const header = readFileSync(join(home, 'temporal', 'temporal.db')).subarray(0, 20);
  // Of SQLite's file format: the versions to write and to read with, 1 without a write-ahead log.
  expect([...header.subarray(18)]).toEqual([2, 2]);
});

test('the embedded Temporal keeps closed workflows for 30 days', () => {
  const [namespace] = z
    .array(z.object({ config: z.object({ workflowExecutionRetentionTtl: z.string() }) }))
    .parse(
      [
        JSON.parse(temporalCli('operator', 'namespace', 'describe', '-n', 'default', '--output', 'json')),
      ].flat(),
    );
  expect(namespace?.config.workflowExecutionRetentionTtl).toBe('2592000s');
});

test('a worker that dies right after the commit of a step, and then a cancel: unwound to nothing', async () => {
  const [customer] = await rows('customer', 'select id from customer where email = $1', 'ada@example.com');
  const worker = pidOf('worker');
  const { saga_id: id } = await api('POST', '/sagas/mortgage-origination', {
    customer_id: customer?.id,
    ...terms,
  });
  await expect
    .poll(() => rows('customer', 'select 1 from customer_claim where claimed_by = $1', id), {
      timeout: 20_000,
    })
    .toHaveLength(1);
  await expect.poll(() => pidOf('worker'), { timeout: 30_000, interval: 20 }).not.toBe(worker);
  temporalCli('workflow', 'cancel', '--workflow-id', `mortgage-origination-${id}`);
  await untilState(id, 'cancelled');
  const { timeline } = await api('GET', `/sagas/${id}`);
  expect(timeline).toContainEqual(
    expect.objectContaining({ step: 'claim-customer', op: 'do', status: 'done', attempt: 2 }),
  );
  expect(await rows('customer', 'select 1 from customer_claim where claimed_by = $1', id)).toEqual([]);
  const live =
    "select 1 from application where saga_id = $1 and (status <> 'withdrawn' or held_by is not null)";
  expect(await rows('mortgage', live, id)).toEqual([]);
  expect(await rows('loan', 'select 1 from loan where saga_id = $1', id)).toEqual([]);
  expect(await rows('loan', 'select 1 from ledger_entry where saga_id = $1', id)).toEqual([]);
});

test('with the CLI a waiting saga is asked, given wrong, right, repeated and late decisions', async () => {
  const customer = { name: 'Barbara Liskov', email: 'barbara@example.com' };
  const { saga_id: id } = await api('POST', '/sagas/mortgage-origination', { customer, ...terms });
  await untilState(id, 'waiting');
  const workflow = ['--workflow-id', `mortgage-origination-${id}`];
  const decide = (input: string) =>
    temporalCli('workflow', 'signal', ...workflow, '--name', 'decide', '--input', input);

  const asked = temporalCli('workflow', 'query', ...workflow, '--type', 'saga', '--output', 'json');
  expect(JSON.parse(asked).queryResult[0]).toMatchObject({
    state: 'waiting',
    stack: [
      { service: 'customer', step: 'register-customer', generation: 1 },
      { service: 'mortgage', step: 'submit-application', generation: 1 },
    ],
  });
  decide('"yes"');
  decide('{"approved":"yes","by":"uma","reason":"fine"}');
  expect(await state(id)).toBe('waiting');
  decide('{"id":"1","approved":false,"by":"uma","reason":"too risky"}');
  await untilState(id, 'completed');
  expect(() => decide('{"id":"1","approved":false,"by":"uma","reason":"too risky"}')).toThrow(
    'already completed',
  );

  const { result, timeline } = await api('GET', `/sagas/${id}`);
  expect(result).toMatchObject({ outcome: 'declined', reasons: ['no income is given', 'uma: too risky'] });
  const ignored = timeline.filter(({ event }: { event?: string }) => event === 'ignored-signal');
  expect(ignored.map(({ why }: { why: string }) => why)).toEqual(['malformed', 'malformed']);
});

test('sagas are found by their state with the CLI', () => {
  const found = temporalCli(
    'workflow',
    'list',
    '--query',
    'SagaType="mortgage-origination" and SagaState="compensated"',
    '--output',
    'json',
  );
  expect(JSON.parse(found)).toHaveLength(1);
});

test('a service serves its resources on its own port, with the same rows as the API', async () => {
  const response = await fetch(`http://127.0.0.1:${ports.customer}/customers`, {
    method: 'POST',
    body: JSON.stringify({ name: 'Jean Bartik', email: 'jean@example.com' }),
  });
  expect(response.status).toBe(201);
  const created = (await response.json()) as { id: string };
  expect(await api('GET', `/customers/${created.id}`)).toEqual(created);
});

test('one service more runs beside npm start, on its servers', async () => {
  const CUSTOMER_PORT = String(await freePort());
  const { PATH, HOME } = process.env;
  const service = program(
    [process.execPath, 'scripts/run.mjs', 'scripts/service/run.ts', 'customer'],
    project,
    {
      ...{ PATH, HOME, UNWIND_HOME: home, CUSTOMER_PORT, WORKER_METRICS_PORT: '0' },
      POSTGRES_PORT: String(ports.postgres),
      TEMPORAL_PORT: String(ports.temporal),
    },
  );
  const list = (url: string) =>
    fetch(`${url}/customers`).then(
      (response) => response.json(),
      () => (service.running() ? 'nothing yet' : service.printed()),
    );
  await expect
    .poll(() => list(`http://127.0.0.1:${CUSTOMER_PORT}`), { timeout: 60_000, interval: 100 })
    .toEqual(await list(`http://127.0.0.1:${ports.api}`));
  await expect.poll(() => service.printed(), { timeout: 20_000 }).toContain('"msg":"working"');
  expect(await service.stop()).toBe(0);
});

describe('after Ctrl-C', () => {
  test('no child is left', async () => {
    const pids = childrenOf(home).map(({ pid }) => pid);
    expect(pids.length).toBe(4);
    await stop();
    expect(stack.exitCode).toBe(0);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('the next start finds the sagas of the last one', async () => {
    await start();
    expect(printed.match(/ended completed \(on \d{4}-/g)).toHaveLength(1);
    expect(printed.match(/ended compensated \(on \d{4}-/g)).toHaveLength(1);
    expect(await rows('loan', 'select 1 from loan where status = $1', 'active')).toHaveLength(10);
  }, 120_000);
});
