import { once } from 'node:events';
import { serve } from '@hono/node-server';
import type { Logger } from 'pino';
import { createServiceApp, type ResourceService } from '../api/app.ts';
import { createTemporalClient } from '../api/temporal.ts';
import type { Config } from '../config.ts';
import { openDatabase } from '../guard/database.ts';
import { errorCode } from '../guard/error-code.ts';
import { closeServer, serverOptions } from '../http-server.ts';
import { portVariableOf } from '../service-names.ts';

const host = '127.0.0.1';

/** Serves a service's resources on its port, on loopback; does nothing for port 0. Throws when the port is taken. */
export async function serveService(
  service: ResourceService,
  config: Config,
  logger: Logger,
): Promise<{ close(): Promise<void> }> {
  const port = config.servicePorts[service];
  if (port === 0) return { close: async () => {} };
  const database = openDatabase(config.databases[service], { name: `unwind-${service}-rest`, max: 8 });
  const registry = openDatabase(config.databases.unwind, { name: `unwind-${service}-rest`, max: 4 });
  const temporal = createTemporalClient(config.temporal.connection, config.temporal.namespace);
  const given = {
    registry,
    temporal,
    temporalUiUrl: config.temporal.uiUrl,
    apiUrl: config.url,
    alertAfter: config.alerts.after,
    logger,
  };
  const app = createServiceApp(service, given, { database, token: config.serviceToken });
  const server = serve({ fetch: app.fetch, hostname: host, port, serverOptions });
  await once(server, 'listening').catch((error: unknown) => {
    const code = errorCode(error) ?? error;
    const variable = portVariableOf(service);
    throw new Error(`port ${port} cannot be listened on (${code}): set ${variable} to another, or to 0`);
  });
  logger.info({ service, url: `http://${host}:${port}` }, 'listening');
  return {
    async close() {
      await closeServer(server);
      await Promise.all([database.end(), registry.end(), temporal.connection.close()]);
    },
  };
}
