import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/stack/ports.ts';
import type { Log } from '../../scripts/stack/progress.ts';
import { run } from '../../scripts/stack/run.ts';
import { temporalOnPostgres } from '../../scripts/stack/temporal-on-postgres.ts';
import { temporalEnvironment, temporalReady } from '../../scripts/stack/temporal-server.ts';
import {
  buildTemporalServer,
  builtVersion,
  findTemporalServer,
} from '../../scripts/stack/temporal-server-programs.ts';
import { prepareNamespace, prepareTemporal } from '../../src/migrate/prepare-temporal.ts';
import type { Place } from '../stack.ts';

/** As many as in docker-compose.yml. */
const shards = 64;
const connections = 20;

/** The folder of its programs. Builds missing ones if allowed; throws when that fails. */
export async function findPrograms(
  { stack: { cache } }: { stack: { cache: string } },
  { mayBuild, log }: { mayBuild: boolean; log: Log },
): Promise<string> {
  const found = findTemporalServer(cache);
  if (found) return found;
  if (!mayBuild)
    throw new Error(
      'A short run does not build it, which takes minutes: run the benchmark once without --short.',
    );
  await buildTemporalServer(cache, log);
  const programs = findTemporalServer(cache);
  if (!programs) throw new Error('it does not answer --version');
  return programs;
}

/** Temporal's production server in one process, on the shared Postgres server. */
export async function startTemporalOnPostgres(programs: string, place: Place, postgresUrl: string) {
  const { home, supervisor, logFile, stack } = place;
  const port = await freePort();
  const folder = join(home.path, 'temporal-on-postgres');
  mkdirSync(folder, { recursive: true });
  await createDatabases(programs, postgresUrl);
  const settings = { programs, folder, port, databaseUrl: postgresUrl, shards, connections };
  const [command = '', ...args] = await temporalOnPostgres(settings);
  const name = 'temporal-on-postgres';
  const env = temporalEnvironment;
  supervisor.start({ name, command, args, cwd: folder, env, logFile: logFile(name) });
  const address = `127.0.0.1:${port}`;
  const { namespace } = stack.config.temporal;
  const server = { cli: '', port, namespace: 'temporal-system', logFile: logFile(name) };
  await temporalReady(server);
  await prepareNamespace({ address }, namespace, () => {});
  await prepareTemporal({ address }, namespace, () => {});
  return {
    processes: [name],
    settings: { temporal: address },
    title: 'Temporal on Postgres',
    version: builtVersion,
    durability: `one process, ${shards} shards; as Postgres is`,
  };
}

/** Like the job temporal-schema of docker-compose.yml. */
async function createDatabases(programs: string, postgresUrl: string) {
  const { hostname, port, username, password } = new URL(postgresUrl);
  const env = {
    ...process.env,
    SQL_PLUGIN: 'postgres12',
    SQL_HOST: hostname,
    SQL_PORT: port,
    SQL_USER: username,
    SQL_PASSWORD: password,
  };
  const tool = (...args: string[]) => run(join(programs, 'temporal-sql-tool'), args, env, 60_000);
  const schemas = { temporal: 'temporal', temporal_visibility: 'visibility' };
  for (const [database, schema] of Object.entries(schemas)) {
    await tool('--database', database, 'create');
    await tool('--database', database, 'setup-schema', '--version', '0.0');
    await tool('--database', database, 'update-schema', '--schema-name', `postgresql/v12/${schema}`);
  }
}
