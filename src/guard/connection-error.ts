import { hasErrorCode } from './error-code.ts';

/** The outcome of the running statements is unknown. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost';
  constructor(options?: ErrorOptions) {
    super('the connection to the database was lost with something under way', options);
  }
}

/** The call did not get its turn in time and never runs. */
export class DatabaseBusy extends Error {
  override name = 'DatabaseBusy';
}

/** Codes of postgres.js, and of Postgres: read_only_sql_transaction, as of a standby after a failover. */
const unusable = /^(CONNECT|25006$)/;

/** True if the server did not respond, closed the connection, or only reads. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  if (error instanceof ConnectionLost || 'errno' in error) return true;
  if ('severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC')) return true;
  if ('code' in error && unusable.test(String(error.code))) return true;
  return isConnectionError(error.cause);
}

/** PostgreSQL: lock_not_available, query_canceled, deadlock_detected. */
const busy = ['55P03', '57014', '40P01'];

const isBusy = (error: unknown): boolean =>
  error instanceof DatabaseBusy || (error instanceof Error && isBusy(error.cause));

/** True if the database is unreachable or overloaded. */
export const isOutage = (error: unknown): boolean => isConnectionError(error) || isBusy(error);

/** True for an outage or a lock timeout: the same call may succeed later. */
export const isUnavailable = (error: unknown): boolean => isOutage(error) || hasErrorCode(error, busy);
