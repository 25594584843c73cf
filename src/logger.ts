import type { Logger as TemporalLogger } from '@temporalio/worker';
import { type DestinationStream, type Logger, pino } from 'pino';

/** One JSON line per event, to stdout. User input, also where a driver repeats it, is not logged, except who commands and why. */
export const createLogger = (name: string, level: string, destination?: DestinationStream): Logger =>
  pino({ name, level, serializers: { err: describeError, error: describeError } }, destination);

const loggedFields = ['code', 'severity', 'table_name', 'column_name', 'constraint_name', 'syscall'];

/** An allow list, so that new fields of a driver's error are not logged. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const fields = loggedFields.flatMap((name) => (name in error ? [[name, Reflect.get(error, name)]] : []));
  return {
    type: error.name,
    message: messageOf(error),
    ...Object.fromEntries(fields),
    stack: framesOf(error),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/** Replaces messages that quote user input. Code, constraint and stack still show the place. */
function messageOf(error: Error): string {
  if ('params' in error) return 'a query failed';
  if ('severity' in error && 'code' in error && String(error.code).startsWith('22'))
    return 'Postgres refused a value';
  return error instanceof SyntaxError ? 'a text cannot be parsed' : error.message;
}

/** Without the message, with which a stack begins. */
const framesOf = ({ stack = '', message }: Error) =>
  stack
    .replace(message, () => '')
    .split('\n')
    .filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
    .map((line) => line.trim());

/** Sends the SDK's log to ours, without its warnings that a worker polls for only one kind of task. */
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
