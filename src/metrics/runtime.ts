import { Runtime, type RuntimeOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { temporalLogger } from '../logger.ts';

const buckets = {
  unwind_step_duration: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  unwind_event_delay: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
  unwind_step_attempts: [1, 2, 3, 5, 10, 20, 50, 100],
};

/**
 * Installs Temporal's runtime with our logger and one endpoint for all metrics. The worker also runs without the
 * endpoint: port 0, or a port in use, which is logged.
 */
export function installRuntime(logger: Logger, port: number): void {
  const quiet: RuntimeOptions = { logger: temporalLogger(logger) };
  if (port === 0) return void Runtime.install(quiet);
  const prometheus = {
    bindAddress: `127.0.0.1:${port}`,
    countersTotalSuffix: true,
    unitSuffix: true,
    useSecondsForDurations: true,
    histogramBucketOverrides: buckets,
  };
  try {
    Runtime.install({ ...quiet, telemetryOptions: { metrics: { prometheus, attachServiceName: false } } });
    logger.info({ url: `http://${prometheus.bindAddress}/metrics` }, 'metrics');
  } catch (err) {
    Runtime.install(quiet);
    logger.error(
      { err, port },
      'no metrics: the port cannot be listened on; set WORKER_METRICS_PORT to another',
    );
  }
}
