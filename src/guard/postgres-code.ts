/** True if the error, or one of its causes, has one of these PostgreSQL codes. */
export function hasPostgresCode(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && codes.includes(String(error.code))) || hasPostgresCode(error.cause, codes);
}

export const isUniqueViolation = (error: unknown): boolean => hasPostgresCode(error, ['23505']);
