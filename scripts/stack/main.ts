import { join } from 'node:path';
import { refuseArguments } from '../../src/cli/refuse-arguments.ts';
import { named, whyUnusable } from '../../src/cli/why-unusable.ts';
import { loadStackConfig } from '../../src/config-stack.ts';
import { messageOf } from '../../src/guard/error-code.ts';
import { checkServers } from '../../src/migrate/check-servers.ts';
import { prepareDatabase } from '../../src/migrate/prepare-databases.ts';
import { prepareNamespace, prepareTemporal, retention } from '../../src/migrate/prepare-temporal.ts';
import { databaseNames } from '../../src/service-names.ts';
import { buildWorkflowBundle } from '../../src/workflows/bundle.ts';
import { runDemonstrations } from './demonstrations.ts';
import { takeHome } from './home.ts';
import { checkPorts } from './ports.ts';
import { postgresChild, postgresReady, prepareCluster } from './postgres.ts';
import { until } from './processes.ts';
import { type Log, step } from './progress.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import { findTemporalCli } from './temporal-cli.ts';
import { prepareHistories } from './temporal-histories.ts';
import { keepClosedWorkflows, temporalChild, temporalReady } from './temporal-server.ts';
import { wantedPorts } from './wanted-ports.ts';
import { whatToTry } from './what-to-try.ts';

type Stack = ReturnType<typeof loadStackConfig>;

const project = join(import.meta.dirname, '..', '..');
const demonstrations = '--demonstrations';
const log: Log = (line) => console.log(line);

let supervisor: Supervisor | undefined;
let stopping = false;

// A closed terminal or pipe must not stop the supervisor before its children.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
process.on('uncaughtException', fail);

try {
  refuseArguments(`npm start has one option: ${demonstrations}`, demonstrations);
  await bringUp(loadStackConfig());
} catch (error) {
  fail(error);
}

async function bringUp(stack: Stack): Promise<void> {
  const { config, forChildren } = stack;
  const home = await takeHome(stack.home, log);
  supervisor = createSupervisor({ home, log });
  await checkPorts(wantedPorts(stack));
  for (const line of serversOf(stack)) log(line);

  const cli = stack.temporal && (await findTemporalCli({ ...stack, configured: stack.temporalCli, log }));
  const databaseFile = join(stack.home, 'temporal', 'temporal.db');
  const histories = cli === undefined ? undefined : prepareHistories(databaseFile, cli);
  if (stack.postgres) await startPostgres(supervisor, stack, stack.postgres.port);
  await step(log, 'Databases', 'creating and migrating what is missing', () => prepareAll(stack));
  const { connection, namespace, setBy } = config.temporal;
  if (stack.temporal && cli) await startTemporal(supervisor, stack, { cli, databaseFile, ...stack.temporal });
  else await prepareNamespace(connection, namespace, log, setBy);
  histories?.keep();
  await prepareTemporal(connection, namespace, log, setBy);

  const bundle = await step(log, 'Workflows', 'bundling', () => buildWorkflowBundle(stack.home));
  const node = { command: process.execPath, cwd: project, env: { ...forChildren, WORKFLOW_BUNDLE: bundle } };
  const script = (file: string) => ['--import', 'tsx', join(project, 'src', file)];
  const logFile = (name: string) => join(stack.home, 'logs', `${name}.log`);
  if (config.placement === 'apart')
    supervisor.start({ ...node, name: 'worker', args: script('worker.ts'), logFile: logFile('worker') });
  supervisor.start({ ...node, name: 'api', args: script('server.ts'), logFile: logFile('api') });

  const { localUrl: url } = config;
  await step(log, 'API', `waiting for ${url}/readiness`, () => apiReady(`${url}/readiness`, logFile('api')));
  const working = config.placement === 'apart' ? 'worker' : 'api';
  if (config.auth === 'off') await demonstrate(stack, logFile(working));
  const worker = supervisor.pidOf(working);
  log(
    whatToTry({
      url,
      auth: config.auth,
      services: config.servicePorts,
      temporal: config.temporal,
      cli: cli ?? 'temporal',
      worker,
      mail: config.mail,
      logs: join(stack.home, 'logs'),
    }),
  );
}

/** The databases on servers of the user. */
function ownDatabases({ postgres, config }: Stack) {
  return databaseNames.filter((name) => !postgres || config.databaseVariables[name] !== 'DATABASE_URL');
}

/** The servers in use, with what selects them: a variable or a file that is easily forgotten. */
function serversOf(stack: Stack): string[] {
  const { postgres, temporal, config } = stack;
  const own = ownDatabases(stack);
  const { hosts, variables } = named(config, own);
  const { connection, namespace, setBy } = config.temporal;
  return [
    ...(postgres ? [`Postgres: embedded, port ${postgres.port}`] : []),
    ...(own.length > 0 ? [`Postgres: ${hosts}, from ${variables}`] : []),
    temporal
      ? `Temporal: embedded, port ${temporal.port}`
      : `Temporal: ${connection.address}, namespace ${namespace}, from ${setBy}`,
    ...(postgres && !temporal
      ? [
          'Warning: Temporal is yours and Postgres is embedded. Sagas whose rows are in this Postgres must not meet workers ' +
            'with other databases: use a namespace of your own, or set DATABASE_URL as well.',
        ]
      : []),
  ];
}

async function prepareAll({ config }: Stack): Promise<void> {
  const report: Log = (line) => log(`Databases: ${line}`);
  for (const name of databaseNames)
    await prepareDatabase(name, config.databases[name], report).catch((error: unknown) => {
      const database = named(config, [name]);
      const whenAway = `Start the server, or correct ${database.variables}.`;
      throw new Error(whyUnusable(error, database, whenAway));
    });
  await checkServers(Object.values(config.databases), report);
}

/** On servers of the user only on request, because the first demonstration leaves a loan in the ledger. */
async function demonstrate(stack: Stack, workerLog: string): Promise<void> {
  const { config, temporal } = stack;
  const isAllOurs = ownDatabases(stack).length === 0 && temporal;
  if (isAllOurs || process.argv.includes(demonstrations))
    return runDemonstrations(config.localUrl, config, log, workerLog);
  log(
    'The two demonstrations are skipped: they would leave sagas, a customer and a loan on your servers.\n' +
      'To see them there, start with: npm start -- --demonstrations',
  );
}

async function startPostgres(supervisor: Supervisor, { home }: Stack, port: number): Promise<void> {
  const logFile = join(home, 'logs', 'postgres.log');
  await step(log, 'Postgres', 'waiting for its first response', async () => {
    supervisor.start(postgresChild(await prepareCluster(home), port, logFile));
    await postgresReady(port, logFile);
  });
}

type Embedded = { cli: string; databaseFile: string; port: number; uiPort: number };

async function startTemporal(
  supervisor: Supervisor,
  { home, config }: Stack,
  embedded: Embedded,
): Promise<void> {
  const { namespace } = config.temporal;
  const server = { ...embedded, namespace, logFile: join(home, 'logs', 'temporal.log') };
  await step(log, 'Temporal', 'waiting for its first response', async () => {
    supervisor.start(temporalChild(server));
    await temporalReady(server);
    await keepClosedWorkflows(`127.0.0.1:${embedded.port}`, namespace, retention);
  });
}

async function apiReady(url: string, logs: string): Promise<void> {
  let answer = 'none';
  const ready = async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      answer = await response.text();
      return response.ok;
    } catch {
      return false;
    }
  };
  if (!(await until(ready, 120_000)))
    throw new Error(
      `The API is not ready after two minutes; its last response was: ${answer}. Its log shows why: ${logs}`,
    );
}

async function stop(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  if (exitCode === 0) log('Stopping …');
  await supervisor?.stop();
  process.exit(exitCode);
}

function fail(error: unknown): void {
  if (stopping) return;
  console.error(messageOf(error));
  void stop(1);
}
