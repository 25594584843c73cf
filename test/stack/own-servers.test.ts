import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../scripts/stack/ports.ts';
import { until } from '../../scripts/stack/processes.ts';
import { project } from '../compose/files.ts';
import { start, stopAll } from '../compose/programs.ts';
import { type System, startSystem } from '../support/system.ts';
import { environmentOf } from '../support/worker-process.ts';
import { temporaryFolder } from './support.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ roles: [] });
});
afterAll(async () => {
  await stopAll();
  await system.end();
});

const noPorts = ['CUSTOMER_PORT', 'MORTGAGE_PORT', 'LOAN_PORT', 'API_METRICS_PORT', 'WORKER_METRICS_PORT'];

/** `npm start` until it serves. `env`: the servers of the user. */
async function startStack(env: Record<string, string | undefined>) {
  const PORT = String(await freePort());
  const stack = start([process.execPath, '--import', 'tsx', 'scripts/stack/main.ts'], project, {
    ...process.env,
    ...env,
    ...Object.fromEntries(noPorts.map((name) => [name, '0'])),
    UNWIND_HOME: temporaryFolder(),
    PORT,
  });
  const isUp = () => stack.printed().includes('Ctrl-C stops everything') || !stack.running();
  await until(isUp, 110_000);
  expect(stack.running(), stack.printed()).toBe(true);
  return { ...stack, PORT };
}

test('npm start on servers of the user names them, makes the namespace, and writes nothing into their databases', async () => {
  const { PORT, ...stack } = await startStack({
    ...environmentOf(system),
    TEMPORAL_NAMESPACE: 'loans',
    // Only for links: it is not reachable from here.
    API_URL: 'http://127.0.0.1:1',
  });
  expect(stack.printed()).toMatch(/^Postgres: 127\.0\.0\.1:\d+, from CUSTOMER_DATABASE_URL or MORTGAGE_/m);
  expect(stack.printed()).toContain(
    `Temporal: ${system.temporal.address}, namespace loans, from TEMPORAL_ADDRESS\n`,
  );
  expect(stack.printed()).toContain('Temporal: created the namespace loans');
  expect(stack.printed()).toContain('The two demonstrations are skipped');
  expect(stack.printed()).toContain(
    `API          http://127.0.0.1:${PORT}\nAPI docs     http://127.0.0.1:${PORT}/docs\n`,
  );
  expect(await (await fetch(`http://127.0.0.1:${PORT}/sagas`)).json()).toMatchObject({ items: [] });
  expect(await stack.stop('SIGINT')).toBe(0);
}, 150_000);

test('npm start on a Temporal of the user alone warns of a shared namespace, and starts no saga there', async () => {
  const { connection, namespace } = system.config.temporal;
  const stack = await startStack({
    POSTGRES_PORT: String(await freePort()),
    TEMPORAL_ADDRESS: connection.address,
    TEMPORAL_NAMESPACE: namespace,
  });
  expect(stack.printed()).toMatch(/^Postgres: embedded/m);
  expect(stack.printed()).toMatch(/^Warning: Temporal is yours and Postgres is embedded/m);
  expect(stack.printed()).toContain('The two demonstrations are skipped');
  expect((await system.temporal.client.workflow.count('SagaType is not null')).count).toBe(0);
  expect(await stack.stop('SIGINT')).toBe(0);
}, 150_000);
