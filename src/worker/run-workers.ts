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
  /** Ends the process if they have not started yet. */
  stop(): Promise<void>;
}

/** Runs the workers of these roles and serves their resources until `stop`. Waits for Temporal. */
export function runWorkers(config: Config, roles: readonly WorkerRole[], logger: Logger): Working {
  installRuntime(logger, config.metricsPorts.worker);
  let stopping = false;
  let workers: RunningWorkers | undefined;

  let ports: Awaited<ReturnType<typeof serveService>>[] = [];
  let closing: Promise<unknown> | undefined;
  const closePorts = () => {
    closing ??= Promise.all(ports.map((port) => port.close()));
    return closing;
  };

  async function work() {
    const services = resourceServices.filter((service) => roles.includes(service));
    ports = await Promise.all(services.map((service) => serveService(service, config, logger)));
    try {
      workers = await startWorkers(config, roles, logger);
      if (stopping) workers.shutdown();
      else logger.info({ roles }, 'working');
      await workers.ended;
    } finally {
      await closePorts();
    }
  }

  return {
    client: () => workers?.temporal,
    begin: (started) => workers?.begin(started),
    ended: work(),
    async stop() {
      stopping = true;
      if (workers) return workers.shutdown();
      await closePorts();
      // They still wait for Temporal, possibly forever.
      process.exit();
    },
  };
}
