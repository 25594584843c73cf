import { resourceServices } from './api/app.ts';
import { loadConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { installRuntime } from './metrics/runtime.ts';
import { serveService } from './serve-service.ts';
import { startWorkers, type WorkerRole, workerRoles } from './start-workers.ts';

const roles = rolesOf(process.argv.slice(2));
const config = loadConfig();
const logger = createLogger('worker', config.logLevel);
installRuntime(logger, config.metricsPorts.worker);
const services = resourceServices.filter((service) => roles.includes(service));
const ports = await Promise.all(services.map((service) => serveService(service, config, logger)));
const close = () => Promise.all(ports.map((port) => port.close()));

// Until there are workers, which stop by themselves.
const quit = () => void close().then(() => process.exit());
const signals = ['SIGINT', 'SIGTERM'] as const;
for (const signal of signals) process.once(signal, quit);
const workers = await startWorkers(config, roles, logger);
for (const signal of signals) {
  process.off(signal, quit);
  // Temporal's workers hear it themselves; the relay is none of them.
  process.once(signal, () => workers.shutdown());
}
logger.info({ roles }, 'working');
await workers.ended.finally(close);

/** `worker.ts loan` runs the loan service alone, its steps and its resources; without arguments everything runs. */
function rolesOf(names: string[]): readonly WorkerRole[] {
  const unknown = names.filter((name) => !workerRoles.some((role) => role === name));
  if (unknown.length > 0)
    throw new Error(`no worker for ${unknown.join(', ')}: choose of ${workerRoles.join(', ')}`);
  return names.length === 0 ? workerRoles : workerRoles.filter((role) => names.includes(role));
}
