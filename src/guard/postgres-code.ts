/** Whether PostgreSQL has answered with one of these error codes, wherever a library has wrapped it. */
export function hasPostgresCode(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && codes.includes(String(error.code))) || hasPostgresCode(error.cause, codes);
}

export const isUniqueViolation = (error: unknown): boolean => hasPostgresCode(error, ['23505']);
