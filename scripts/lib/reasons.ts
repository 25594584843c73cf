import { isConnectionError } from '../../src/guard/connection-error.ts';
import { StepError } from '../../src/saga/errors.ts';

const startFirst =
  'Start Unwind first: npm start\n(If it runs with a DATABASE_URL or a POSTGRES_PORT of its own, set the same here.)';

/** Postgres: no such database, table, column. */
const unprepared = ['3D000', '42P01', '42703'];

/** Why the databases at `hosts` cannot be used, and what to do. */
export function whyUnusable(error: unknown, hosts: string): string {
  const code = codeOf(error);
  if (unprepared.includes(code))
    return `The databases at ${hosts} are not prepared for this version (${reasonOf(error)}).\n${startFirst}`;
  // Class 28: invalid authorization.
  if (code.startsWith('28'))
    return `The databases at ${hosts} refuse the login (${reasonOf(error)}). Correct DATABASE_URL.`;
  if (isConnectionError(error))
    return `The databases at ${hosts} cannot be reached (${reasonOf(error)}).\n${startFirst}`;
  return reasonOf(error);
}

/** What went wrong, without the statement that a driver puts before it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof StepError && error.type === 'conflict')
    return `${error.message}: this seed was used with another --today, or by another version. Take another --seed`;
  if (error.cause instanceof Error && !(error instanceof StepError)) return reasonOf(error.cause);
  return error.message || codeOf(error);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error instanceof AggregateError ? error.errors[0] : error.cause);
}
