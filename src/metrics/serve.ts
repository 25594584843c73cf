import { createServer } from 'node:http';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { closeServer } from '../close-server.ts';

interface Options {
  metrics: Registry;
  /** Brings gauges up to date before they are read. */
  refresh(): Promise<void>;
  /** 0: metrics are not served. */
  port: number;
  logger: Logger;
}

/** Serves `/metrics` to Prometheus, on loopback. A port that is taken is logged, and nothing else suffers. */
export function serveMetrics({ metrics, refresh, port, logger }: Options): { close(): Promise<void> } {
  const host = '127.0.0.1';
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return response.writeHead(404).end();
    return refresh()
      .then(() => metrics.metrics())
      .then((text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text))
      .catch((err: unknown) => {
        logger.error({ err }, 'metrics cannot be told');
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
