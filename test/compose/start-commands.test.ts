import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { freePort } from '../../scripts/stack/ports.ts';
import { until } from '../../scripts/stack/processes.ts';
import { findTemporalServer } from '../../scripts/stack/temporal-server-programs.ts';
import { loadStackConfig } from '../../src/config-stack.ts';
import { dockerfile, project, read, servicesOf } from './files.ts';
import { type Program, run, start, stopAll } from './programs.ts';
import { startTemporalServer } from './temporal-on-postgres.ts';

const programs = findTemporalServer(loadStackConfig().cache) ?? '';
if (!programs)
  console.warn(
    "Skipped: the containers' start commands. They need a Temporal server, which npm test builds with Go.",
  );

describe.skipIf(!programs)('the start commands of the containers', () => {
  const image = dockerfile();
  const services = servicesOf('one-worker');
  let folder: string;
  let overrides: Record<string, string>;
  let url: string;
  let temporalPort: number;
  let temporal: Program;
  let api: Program;
  let worker: Program;

  const service = (name: string) => {
    const found = services.get(name);
    if (!found) throw new Error(`docker-compose.yml has no service ${name}`);
    return found;
  };

  const variables = (name: string, more: Record<string, string> = {}) => {
    const { PATH, HOME } = process.env;
    const own = { ...image.environment, ...service(name).environment };
    return { PATH, HOME, ...own, ...overrides, ...more };
  };

  const startService = (name: string, more: Record<string, string> = {}): Program =>
    start(service(name).command, folder, variables(name, more));

  /** What Docker would ask, in the environment of the container. */
  const isHealthy = async (name: string) => {
    const [, ...command] = service(name).healthcheck?.test ?? [];
    const [file, ...args] = command.map((word) =>
      word === '127.0.0.1:7233' ? (overrides.TEMPORAL_ADDRESS ?? '') : word,
    );
    const asked = file === 'temporal' ? inject('temporalCli') : (file ?? '');
    return (await start([asked, ...args], folder, variables(name)).ended) === 0;
  };

  const untilHealthy = (name: string, program: Program) =>
    expect
      .poll(() => (program.running() ? isHealthy(name) : program.printed()), {
        timeout: 30_000,
        interval: 500,
      })
      .toBe(true);

  async function saga(type: string, input: object) {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(input);
    const started = await fetch(`${url}/sagas/${type}`, { method: 'POST', headers, body });
    expect(started.status, await started.clone().text()).toBe(202);
    const { saga_id } = (await started.json()) as { saga_id: string };
    const state = async () =>
      ((await (await fetch(`${url}/sagas/${saga_id}`)).json()) as { state: string }).state;
    await expect.poll(state, { timeout: 20_000, interval: 100 }).toBe('completed');
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'unwind-image-'));
    for (const path of image.copied.last)
      cpSync(join(project, path), join(folder, path), { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
    temporalPort = await freePort();
    overrides = {
      TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}`,
      DATABASE_URL: inject('databaseUrl'),
      PORT: String(await freePort()),
      CUSTOMER_PORT: String(await freePort()),
      MORTGAGE_PORT: '0',
      LOAN_PORT: '0',
      API_METRICS_PORT: '0',
      WORKER_METRICS_PORT: String(await freePort()),
      WORKFLOW_BUNDLE: join(folder, 'build', 'workflows.js'),
      LOG_LEVEL: 'warn',
    };
    url = `http://127.0.0.1:${overrides.PORT}`;
  });

  afterAll(async () => {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the schema job makes the databases of Temporal, and may be repeated', async () => {
    const { hostname, port } = new URL(inject('databaseUrl'));
    const { entrypoint, command, environment } = service('temporal-schema');
    const PATH = `${programs}${delimiter}${process.env.PATH}`;
    const onTestServer = { ...environment, PATH, SQL_HOST: hostname, SQL_PORT: port };
    for (const _ of ['first', 'again']) await run([...entrypoint, ...command], folder, onTestServer);
  });

  test('migrate prepares the databases, waits for Temporal, and prepares it', async () => {
    const migrate = startService('migrate');
    const waits = () => migrate.printed().includes(`waiting for Temporal at ${overrides.TEMPORAL_ADDRESS}`);
    await until(() => waits() || !migrate.running(), 30_000);
    expect(waits(), migrate.printed()).toBe(true);

    const databaseUrl = inject('databaseUrl');
    const dynamicConfig = join(project, 'docker', 'temporal.yaml');
    temporal = await startTemporalServer({
      programs,
      folder,
      port: temporalPort,
      databaseUrl,
      dynamicConfig,
    });
    const dead = temporal.ended.then(() => Promise.reject(new Error(temporal.printed())));
    expect(await Promise.race([migrate.ended, dead]), migrate.printed()).toBe(0);
    expect(migrate.printed()).toContain('created the namespace default');
    expect(migrate.printed()).toContain('registered the search attributes SagaType, SagaState, SagaStep');
    await untilHealthy('temporal', temporal);
  });

  test('migrate may be repeated', async () => {
    const printed = await run(service('migrate').command, folder, variables('migrate'));
    expect(printed).toContain('ready');
    expect(printed).not.toContain('created');
  });

  test('the Temporal server takes more searches at once than by default', async () => {
    const connection = await Connection.connect({ address: `127.0.0.1:${temporalPort}`, interceptors: [] });
    const count = () => connection.workflowService.countWorkflowExecutions({ namespace: 'default' });
    await Promise.all(Array.from({ length: 60 }, count)).finally(() => connection.close());
  });

  test('migrate says in one line what is wrong, and fails', async () => {
    const DATABASE_URL = inject('databaseUrl').replace('//unwind:unwind@', '//unwind:wrong@');
    const migrate = startService('migrate', { DATABASE_URL });
    expect(await migrate.ended).toBe(1);
    expect(migrate.printed()).toMatch(
      /^Postgres at \S+ \(database customer\): password authentication failed.*\. Correct DATABASE_URL\.\n$/,
    );
  });

  test('the image bundles the workflows', () => run(image.bundling, folder, variables('worker')));

  test('api and worker run sagas over HTTP', async () => {
    api = startService('api');
    worker = startService('worker');
    await untilHealthy('api', api);
    await saga('rehearsal', {});
    await untilHealthy('worker', worker);
    await saga('mortgage-origination', {
      customer: { name: 'Ada Lovelace', email: 'ada@example.com' },
      ...{ loan_amount: 300_000, property_value: 600_000, interest_rate: 4, term_years: 25 },
      annual_income: 120_000,
    });
  });

  test('on every address the api asks for accounts', async () => {
    const PORT = String(await freePort());
    const asking = startService('api', { HOST: '0.0.0.0', PORT });
    const status = (path: string) =>
      fetch(`http://127.0.0.1:${PORT}${path}`).then(
        (answer) => answer.status,
        () => asking.printed(),
      );
    await expect.poll(() => status('/readiness'), { timeout: 30_000, interval: 500 }).toBe(200);
    expect(await status('/sagas')).toBe(401);
    expect(await asking.stop()).toBe(0);
  });

  const inImage = (file: string, ...args: string[]) =>
    run(['node', '--import', 'tsx', file, ...args], folder, variables('worker'));

  test('the first admin is made, parked events are listed, and the audit finds nothing', async () => {
    const admin = await inImage('src/admin.ts', '--email', 'olga@example.com');
    expect(admin).toMatch(/^olga@example\.com has an account now, with the role admin\.\n/);
    expect(await inImage('src/events.ts')).toBe('Nothing is parked.\n');
    expect(await inImage('src/audit.ts')).toContain('audit: nothing is wrong');
  });

  test('each row of the table in docs/deploy.md names a command that is tried here', () => {
    const files = [...read('docs/deploy.md').matchAll(/^\| `node --import tsx (\S+?\.ts)/gm)].map(
      ([, file]) => file,
    );
    const tried = ['server', 'worker', 'audit', 'admin', 'events', 'migrate'];
    expect(files).toEqual(tried.map((name) => `src/${name}.ts`));
  });

  test('SIGTERM ends them all in peace', async () => {
    expect(await Promise.all([api.stop(), worker.stop()])).toEqual([0, 0]);
    expect(await Promise.all([isHealthy('api'), isHealthy('worker')])).toEqual([false, false]);
    expect(await temporal.stop()).toBe(0);
  });
});
