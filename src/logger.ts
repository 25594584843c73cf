import type { Logger as TemporalLogger } from '@temporalio/worker';
import { type Logger, pino } from 'pino';

const secrets = ['parameters', 'args', 'query', 'cause'].map((field) => `err.${field}`);

/** One JSON line an event, to stdout. What people typed and what a driver says of it stay out. */
export const createLogger = (name: string, level: string): Logger =>
  pino({
    name,
    level,
    redact: { paths: secrets, remove: true },
    serializers: { error: pino.stdSerializers.err },
  });

/** Lets the SDK write to the same log. That a worker polls for one kind of task alone is no warning here. */
export function temporalLogger(logger: Logger): TemporalLogger {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  const log: TemporalLogger['log'] = (level, message, { taskToken: _, ...meta } = {}) => {
    if (!message.startsWith('No ')) logger[levels[level]](meta, message);
  };
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}
