import { loadConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { installRuntime } from './metrics/runtime.ts';
import { startWorkers, type WorkerRole, workerRoles } from './start-workers.ts';

const roles = rolesOf(process.argv.slice(2));
const config = loadConfig();
const logger = createLogger('worker', config.logLevel);
installRuntime(logger, config.metricsPorts.worker);
const workers = await startWorkers(config, roles, logger);
logger.info({ roles }, 'working');
await workers.ended;

/** `worker.ts loan` runs the loan service's steps alone; without arguments everything runs. */
function rolesOf(names: string[]): readonly WorkerRole[] {
  const unknown = names.filter((name) => !workerRoles.some((role) => role === name));
  if (unknown.length > 0)
    throw new Error(`no worker for ${unknown.join(', ')}: choose of ${workerRoles.join(', ')}`);
  return names.length === 0 ? workerRoles : workerRoles.filter((role) => names.includes(role));
}
