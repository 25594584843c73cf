import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeHome, takeHome } from '../scripts/stack/home.ts';
import { freePort } from '../scripts/stack/ports.ts';
import { postgresChild, postgresReady, prepareCluster } from '../scripts/stack/postgres.ts';
import { until } from '../scripts/stack/processes.ts';
import { type Log, step } from '../scripts/stack/progress.ts';
import { createSupervisor } from '../scripts/stack/supervisor.ts';
import { findTemporalCli } from '../scripts/stack/temporal-cli.ts';
import { temporalChild, temporalReady } from '../scripts/stack/temporal-server.ts';
import { loadStackConfig } from '../src/config-stack.ts';
import { prepareDatabases } from '../src/guard/migrate.ts';
import { prepareTemporal } from '../src/prepare-temporal.ts';
import { buildWorkflowBundle } from '../src/workflows/bundle.ts';

export type Stack = Awaited<ReturnType<typeof startStack>>;

const project = join(import.meta.dirname, '..');

/** Servers, worker and API of its own, as `npm start` runs them, beside whatever else runs; `stop` leaves nothing. */
export async function startStack(log: Log) {
  const { home: path, postgres, temporal, ...stack } = await configure();
  if (!postgres || !temporal)
    throw new Error('A Temporal config file names a server: the benchmark brings its own.');
  await removeHome(path, log);
  const home = await takeHome(path, log);
  const supervisor = createSupervisor({ home, log });
  const stop = async () => {
    await supervisor.stop();
    await removeHome(path, log);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(1)));
  const logFile = (name: string) => join(path, 'logs', `${name}.log`);
  const { config, forChildren } = stack;
  try {
    const cli = await findTemporalCli({ ...stack, configured: stack.temporalCli, log });
    await step(log, 'Postgres', 'waiting for its first answer', async () => {
      supervisor.start(postgresChild(await prepareCluster(path), postgres.port, logFile('postgres')));
      await postgresReady(postgres.port, logFile('postgres'));
      await prepareDatabases(config.databases, () => {});
    });
    await step(log, 'Temporal', 'waiting for its first answer', async () => {
      const databaseFile = join(path, 'temporal', 'temporal.db');
      const server = { cli, port: temporal.port, databaseFile, logFile: logFile('temporal') };
      supervisor.start(temporalChild(server));
      await temporalReady(server);
      await prepareTemporal(config.temporal.connection, config.temporal.namespace, () => {});
    });
    const url = `http://${config.host}:${config.port}`;
    await step(log, 'API and worker', 'waiting for readiness', async () => {
      const env = { ...forChildren, WORKFLOW_BUNDLE: await buildWorkflowBundle(path) };
      for (const [name, file] of Object.entries({ worker: 'worker.ts', api: 'server.ts' })) {
        const args = ['--import', 'tsx', join(project, 'src', file)];
        supervisor.start({
          name,
          command: process.execPath,
          args,
          cwd: project,
          env,
          logFile: logFile(name),
        });
      }
      const ready = async () => (await ask(`${url}/readiness`))?.ok === true;
      if (await until(ready, 60_000)) return;
      const end = readFileSync(logFile('api'), 'utf8').slice(-2_000);
      throw new Error(`The API is not ready after a minute. Its log ends:\n${end}`);
    });
    return { config, cli, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const ask = (url: string) => fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);

/** What somebody has set for Unwind must not reach what is measured: this process's environment, which children get. */
async function configure() {
  const foreign =
    /DATABASE_URL$|^TEMPORAL_(?!CLI_PATH$)|^(HOST|AUTH|NODE_ENV|FAILPOINTS|LENDING_LIMIT|ALERT_AFTER|ALERT_WEBHOOK_URL|LOG_LEVEL)$/;
  for (const name of Object.keys(process.env)) if (foreign.test(name)) delete process.env[name];
  const { home } = loadStackConfig();
  process.env['UNWIND_HOME'] = join(home, 'bench');
  const ports = [
    'PORT',
    'POSTGRES_PORT',
    'TEMPORAL_PORT',
    'TEMPORAL_UI_PORT',
    'CUSTOMER_PORT',
    'MORTGAGE_PORT',
    'LOAN_PORT',
    'API_METRICS_PORT',
    'WORKER_METRICS_PORT',
  ];
  for (const name of ports) process.env[name] = String(await freePort());
  return loadStackConfig();
}
