import { serve } from '@hono/node-server';
import { createApp } from './api/app.ts';
import { createTemporalClient } from './api/temporal.ts';
import { loadConfig } from './config.ts';
import { openDatabase } from './guard/database.ts';
import { createLogger } from './logger.ts';

const config = loadConfig();
const logger = createLogger('api', config.logLevel);
const registry = openDatabase(config.databases.unwind, { name: 'unwind-api' });
const temporal = createTemporalClient(config.temporal.connection, config.temporal.namespace);
const app = createApp({ registry, temporal, temporalUiUrl: config.temporal.uiUrl, logger });

const server = serve({ fetch: app.fetch, hostname: config.host, port: config.port }, ({ port }) =>
  logger.info({ host: config.host, port }, 'listening'),
);
server.on('error', (error) => {
  logger.fatal({ err: error }, 'cannot listen');
  process.exitCode = 1;
  void stop();
});

async function stop() {
  await new Promise((closed) => server.close(closed));
  await registry.end();
  await temporal.connection.close();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
