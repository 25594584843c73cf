import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { resourceServices } from '../api/app.ts';
import type { Config } from '../config.ts';
import { installRuntime } from '../metrics/runtime.ts';
import { serveService } from './serve-service.ts';
import { type RunningWorkers, startWorkers, type WorkerRole } from './start-workers.ts';

interface Working extends Pick<RunningWorkers, 'begin'> {
  /** On the workers' connection; undefined until the workers have started. */
  client(): Client | undefined;
  /** Settles when they have stopped; rejects when one of them failed. */
  ended: Promise<unknown>;
  stop(): void;
}

/** Runs the workers of these roles and serves their resources until `stop`. Waits for Temporal. */
export function runWorkers(config: Config, roles: readonly WorkerRole[], logger: Logger): Working {
  installRuntime(logger, config.metricsPorts.worker);
  let stopping = false;
  let workers: RunningWorkers | undefined;

  async function work() {
    const services = resourceServices.filter((service) => roles.includes(service));
    const ports = await Promise.all(services.map((service) => serveService(service, config, logger)));
    try {
      workers = await startWorkers(config, roles, logger);
      if (stopping) workers.shutdown();
      else logger.info({ roles }, 'working');
      await workers.ended;
    } finally {
      await Promise.all(ports.map((port) => port.close()));
    }
  }

  return {
    client: () => workers?.temporal,
    begin: (started) => workers?.begin(started),
    ended: work(),
    stop() {
      stopping = true;
      workers?.shutdown();
    },
  };
}
