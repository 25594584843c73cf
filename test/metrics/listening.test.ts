import { createServer } from 'node:http';
import { Runtime } from '@temporalio/worker';
import { Counter, Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../scripts/stack/ports.ts';
import { installRuntime } from '../../src/metrics/runtime.ts';
import { serveMetrics } from '../../src/metrics/serve.ts';
import { logLines } from './log-lines.ts';

async function takenPort(): Promise<number> {
  const port = await freePort();
  const other = createServer();
  await new Promise<void>((listening) => other.listen(port, '127.0.0.1', listening));
  onTestFinished(() => void other.close());
  return port;
}

test('the API serves /metrics and nothing else, after a refresh', async () => {
  const port = await freePort();
  const metrics = new Registry();
  const counter = new Counter({ name: 'refreshed_total', help: 'How often', registers: [metrics] });
  const { logger } = logLines();
  const server = serveMetrics({ metrics, refresh: async () => counter.inc(), port, logger });
  onTestFinished(() => server.close());
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(async () => (await fetch(url).catch(() => undefined))?.status).toBe(404);
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect(await response.text()).toContain('refreshed_total 1');
});

test('a port in use is logged by the API, which goes on', async () => {
  const { logger, lines } = logLines();
  const port = await takenPort();
  serveMetrics({ metrics: new Registry(), refresh: async () => {}, port, logger });
  await expect
    .poll(() => lines)
    .toMatchObject([{ level: 50, port, msg: expect.stringContaining('API_METRICS_PORT') }]);
});

test('a port in use is logged by the worker, which goes on', async () => {
  const { logger, lines } = logLines();
  const port = await takenPort();
  installRuntime(logger, port);
  expect(lines).toMatchObject([{ level: 50, port, msg: expect.stringContaining('WORKER_METRICS_PORT') }]);
  await Runtime.instance().shutdown();
});
