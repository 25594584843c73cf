import { createServer } from 'node:http';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { closeServer } from '../http-server.ts';

interface Options {
  metrics: Registry;
  /** Refreshes gauges before each scrape. */
  refresh(): Promise<void>;
  /** 0: not served. */
  port: number;
  logger: Logger;
}

/** Serves `/metrics` to Prometheus, on loopback. A port in use is only logged. */
export function serveMetrics({ metrics, refresh, port, logger }: Options): { close(): Promise<void> } {
  const host = '127.0.0.1';
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return response.writeHead(404).end();
    return refresh()
      .then(() => metrics.metrics())
      .then((text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text))
      .catch((err: unknown) => {
        logger.error({ err }, 'metrics cannot be collected');
        response.writeHead(500).end();
      });
  });
  server.on('error', (err) =>
    logger.error(
      { err, port },
      'no metrics: the port cannot be listened on; set API_METRICS_PORT to another',
    ),
  );
  if (port !== 0)
    server.listen(port, host, () => logger.info({ url: `http://${host}:${port}/metrics` }, 'metrics'));
  return {
    close: () => closeServer(server),
  };
}
