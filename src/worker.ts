import { orExit } from './cli/or-exit.ts';
import { loadConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { requireMigrations } from './migrate/require-migrations.ts';
import { runWorkers } from './worker/run-workers.ts';
import { databasesOf, type WorkerRole, workerRoles } from './worker/start-workers.ts';

const roles = await orExit(() => rolesOf(process.argv.slice(2)));
const config = await orExit(() => loadConfig());
const logger = createLogger('worker', config.logLevel);
const databases = Object.fromEntries(
  databasesOf(roles, config).map((name) => [name, config.databases[name]]),
);
await orExit(() => requireMigrations(databases, (line) => logger.warn(line)));
const working = runWorkers(config, roles, logger);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => working.stop());
await working.ended;

/** `worker.ts loan` runs only the loan service: its steps and its resources. Without arguments, all roles run. */
function rolesOf(names: string[]): readonly WorkerRole[] {
  const unknown = names.filter((name) => !workerRoles.some((role) => role === name));
  if (unknown.length > 0)
    throw new Error(`no worker for ${unknown.join(', ')}: choose from ${workerRoles.join(', ')}`);
  return names.length === 0 ? workerRoles : workerRoles.filter((role) => names.includes(role));
}
