import { Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { StepReport } from '../guard/step-report.ts';

/** Logs and measures each attempt. Saga ids are only in the log. */
export function reportSteps(logger: Logger): StepReport {
  const meter = Runtime.instance().metricMeter;
  const duration = meter.createHistogram(
    'unwind_step_duration',
    'float',
    'seconds',
    'Duration of one attempt of a step or its compensation',
  );
  const attempts = meter.createHistogram(
    'unwind_step_attempts',
    'int',
    undefined,
    'Attempts of a step or its compensation until its final outcome',
  );

  return ({ contract, op, attempt, outcome, seconds, final, error, ...place }) => {
    const labels = { service: contract.service, step: contract.name, op, outcome };
    duration.record(seconds, labels);
    if (final) attempts.record(attempt, labels);
    const line = { ...place, op, attempt, outcome, duration_ms: Math.round(seconds * 1_000) };
    if (error === undefined) logger.info(line, 'step');
    else logger[final ? 'info' : 'warn']({ ...line, err: error }, 'step');
  };
}
