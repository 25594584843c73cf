import type { Logger as TemporalLogger } from '@temporalio/worker';
import { type DestinationStream, type Logger, pino } from 'pino';

/** One JSON line an event, to stdout. What people typed and what a driver repeats of it stay out. */
export const createLogger = (name: string, level: string, destination?: DestinationStream): Logger =>
  pino({ name, level, serializers: { err: describeError, error: describeError } }, destination);

const toldFields = ['code', 'severity', 'table_name', 'column_name', 'constraint_name', 'syscall'];

/** Only what is named here is told of an error: new fields of a driver's error cannot slip in. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const told = toldFields.flatMap((name) => (name in error ? [[name, Reflect.get(error, name)]] : []));
  return {
    type: error.name,
    message: messageOf(error),
    ...Object.fromEntries(told),
    stack: framesOf(error),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/** Messages that quote what was given, a row or a body, are not told: code, constraint and stack say where it was. */
function messageOf(error: Error): string {
  if ('params' in error) return 'a query failed';
  if ('severity' in error && 'code' in error && String(error.code).startsWith('22'))
    return 'Postgres refused a value';
  return error instanceof SyntaxError ? 'a text cannot be parsed' : error.message;
}

/** A stack begins with the message. */
const framesOf = ({ stack = '', message }: Error) =>
  stack
    .replace(message, () => '')
    .split('\n')
    .filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
    .map((line) => line.trim());

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
