/** Whether the error, or one that it wraps, has one of these codes of Postgres, its driver or Node. */
export function hasErrorCode(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && codes.includes(String(error.code))) return true;
  return hasErrorCode(wrappedIn(error), codes);
}

/** The first code of the error or of one that it wraps. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && typeof error.code === 'string' ? error.code : errorCode(wrappedIn(error));
}

/** Node's error for a host with two addresses has only a code. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message || errorCode(error) || error.name : String(error);

export const isUniqueViolation = (error: unknown): boolean => hasErrorCode(error, ['23505']);

/** PostgreSQL's class 28: invalid authorization. */
export const isRefusedLogin = (error: unknown): boolean => errorCode(error)?.startsWith('28') ?? false;

const wrappedIn = (error: Error): unknown =>
  error instanceof AggregateError ? error.errors[0] : error.cause;
