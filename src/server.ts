import { setMaxListeners } from 'node:events';
import { serve } from '@hono/node-server';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createApp } from './api/app.ts';
import { createTemporalClient } from './api/temporal.ts';
import { orExit } from './cli/or-exit.ts';
import { loadConfig } from './config.ts';
import { openDatabase } from './guard/database.ts';
import { closeServer, serverOptions } from './http-server.ts';
import { createLogger } from './logger.ts';
import { sagaGauges } from './metrics/sagas.ts';
import { serveMetrics } from './metrics/serve.ts';
import { requireMigrations } from './migrate/require-migrations.ts';
import { eachService, serviceNames } from './service-names.ts';
import { runWorkers } from './worker/run-workers.ts';
import { workerRoles } from './worker/start-workers.ts';

const config = await orExit(() => loadConfig());
const logger = createLogger('api', config.logLevel);
await orExit(() => requireMigrations(config.databases, (line) => logger.warn(line)));
const registry = openDatabase(config.databases.unwind, { name: 'unwind-api' });
const temporal = createTemporalClient(config.temporal.connection, config.temporal.namespace);
const metrics = new Registry();
collectDefaultMetrics({ register: metrics });
const databases = eachService((service) =>
  openDatabase(config.databases[service], { name: `unwind-api-${service}`, max: 8 }),
);
const working =
  config.placement === 'together'
    ? runWorkers(config, workerRoles, createLogger('worker', config.logLevel))
    : undefined;
const stopping = new AbortController();
// Each event stream adds a listener.
setMaxListeners(0, stopping.signal);
const app = createApp(
  {
    auth: config.auth,
    registry,
    temporal,
    colocated: working && { client: working.client, begin: working.begin, placement: serviceNames },
    temporalUiUrl: config.temporal.uiUrl,
    alertAfter: config.alerts.after,
    stopping: stopping.signal,
    logger,
    metrics,
  },
  databases,
);

const server = serve(
  { fetch: app.fetch, hostname: config.host, port: config.port, serverOptions },
  ({ port }) => logger.info({ host: config.host, port }, 'listening'),
);
server.on('error', (error) => {
  logger.fatal({ err: error }, 'cannot listen');
  process.exitCode = 1;
  void stop();
});

const metricsServer = serveMetrics({
  metrics,
  refresh: sagaGauges(metrics, { temporal, registry, logger }),
  port: config.metricsPorts.api,
  logger,
});

// The supervisor restarts this process.
working?.ended.catch((err: unknown) => {
  logger.fatal({ err }, 'the workers have failed');
  process.exit(1);
});

let stopped: Promise<void> | undefined;

function stop() {
  stopped ??= close();
  return stopped;
}

async function close() {
  stopping.abort();
  await Promise.all([metricsServer.close(), closeServer(server)]);
  await Promise.all([registry, ...Object.values(databases)].map((database) => database.end()));
  await temporal.connection.close();
  await working?.stop();
  await working?.ended;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
