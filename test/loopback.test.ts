import { existsSync, readFileSync } from 'node:fs';
import { Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../scripts/stack/ports.ts';
import { loadConfig } from '../src/config.ts';
import { installRuntime } from '../src/metrics/runtime.ts';
import { serveMetrics } from '../src/metrics/serve.ts';
import { serveService } from '../src/worker/serve-service.ts';

const loopback = '0100007F';
const logger = pino({ level: 'silent' });

/** The addresses at which a port is listened on, as the kernel of Linux writes them. */
const listenersAt = (port: number): string[] =>
  ['/proc/net/tcp', '/proc/net/tcp6']
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').trim().split('\n').slice(1))
    .flatMap((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      const [address = '', at = ''] = local.split(':');
      return state === '0A' && Number.parseInt(at, 16) === port ? [address] : [];
    });

describe.skipIf(process.platform !== 'linux')('what asks for no login is on loopback alone', () => {
  test("a service's own port", async () => {
    const port = await freePort();
    const service = await serveService('loan', loadConfig({ LOAN_PORT: String(port) }), logger);
    onTestFinished(() => service.close());
    expect(listenersAt(port)).toEqual([loopback]);
  });

  test("the API's metrics", async () => {
    const port = await freePort();
    const server = serveMetrics({ metrics: new Registry(), refresh: async () => {}, port, logger });
    onTestFinished(() => server.close());
    await expect.poll(() => listenersAt(port)).toEqual([loopback]);
  });

  test("the worker's metrics", async () => {
    const port = await freePort();
    installRuntime(logger, port);
    onTestFinished(() => Runtime.instance().shutdown());
    await expect.poll(() => listenersAt(port)).toEqual([loopback]);
  });
});
