import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/stack/ports.ts';
import { until } from '../../scripts/stack/processes.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { prepareDatabases } from '../../src/migrate/prepare-databases.ts';
import { prepareNamespace, prepareTemporal } from '../../src/migrate/prepare-temporal.ts';
import { databaseNames, variableOf } from '../../src/service-names.ts';
import { buildWorkflowBundle } from '../../src/workflows/bundle.ts';
import { noOtherPorts, type Place, project } from '../stack.ts';

export type Placement = Config['placement'];

/** Starts Unwind's API and a worker of all roles, in one process or two, as `npm start` does. Returns its URL. */
export async function startApi(
  { supervisor, logFile }: Place,
  env: ApiEnvironment,
  api = 'api',
): Promise<string> {
  const files = { ...(env.PLACEMENT === 'apart' && { worker: 'worker.ts' }), [api]: 'server.ts' };
  for (const [name, file] of Object.entries(files)) {
    const args = ['--import', 'tsx', join(project, 'src', file)];
    supervisor.start({ name, command: process.execPath, args, cwd: project, env, logFile: logFile(name) });
  }
  const { url } = loadConfig({ ...process.env, ...env });
  const ready = async () => (await ask(`${url}/readiness`))?.ok === true;
  if (await until(ready, 60_000)) return url;
  const end = readFileSync(logFile(api), 'utf8').slice(-2_000);
  throw new Error(`The API is not ready after a minute. Its log ends:\n${end}`);
}

/** The environment of Unwind's processes on this stack. */
export async function apiEnvironment({ stack, home }: Place, PLACEMENT: Placement) {
  const WORKFLOW_BUNDLE = await buildWorkflowBundle(join(home.path, 'api'));
  return { ...stack.forChildren, WORKFLOW_BUNDLE, PLACEMENT };
}

export type ApiEnvironment = Awaited<ReturnType<typeof apiEnvironment>> & Record<string, string>;

/** The same with its own namespace and databases, so that two Unwinds do not share work. */
export async function secondEnvironment(place: Place, postgresUrl: string, placement: Placement) {
  const databases = databaseNames.map((name) => [variableOf(name), `${postgresUrl}/second_${name}`]);
  const environment: ApiEnvironment = {
    ...(await apiEnvironment(place, placement)),
    ...Object.fromEntries(databases),
    ...noOtherPorts,
    PORT: String(await freePort()),
    TEMPORAL_NAMESPACE: 'second',
  };
  const config = loadConfig({ ...process.env, ...environment });
  const { connection, namespace } = config.temporal;
  await prepareDatabases(config.databases, () => {});
  await prepareNamespace(connection, namespace, () => {});
  await prepareTemporal(connection, namespace, () => {});
  return { environment, loans: config.databases.loan };
}

const ask = (url: string) => fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
