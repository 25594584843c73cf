import { hasPostgresCode } from './postgres-code.ts';

/** Whether what was under way has been done is unknown. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost';
  constructor(options?: ErrorOptions) {
    super('the connection to the database was lost with something under way', options);
  }
}

/** Too much is under way already: this was not begun. */
export class DatabaseBusy extends Error {
  override name = 'DatabaseBusy';
}

/** True when the server did not answer, or answered that it ends the connection. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  if (error instanceof ConnectionLost || 'errno' in error) return true;
  if ('severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC')) return true;
  if ('code' in error && /^CONNECT/.test(String(error.code))) return true;
  return isConnectionError(error.cause);
}

/** PostgreSQL: lock_not_available, query_canceled, deadlock_detected. */
const busy = ['55P03', '57014', '40P01'];

const isBusy = (error: unknown): boolean =>
  error instanceof DatabaseBusy || (error instanceof Error && isBusy(error.cause));

/** True when the database is away, or has more to do than it can. */
export const isOutage = (error: unknown): boolean => isConnectionError(error) || isBusy(error);

/** The same, or a row is locked for too long: the same call may do later. */
export const isUnavailable = (error: unknown): boolean => isOutage(error) || hasPostgresCode(error, busy);
