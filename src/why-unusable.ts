import { isConnectionError } from './guard/connection-error.ts';
import { StepError } from './saga/errors.ts';

const startFirst =
  'Start Unwind first: npm start\n(If it runs with a DATABASE_URL or a POSTGRES_PORT of its own, set the same here.)';

/** Postgres: no such database, table, column. */
const unprepared = ['3D000', '42P01', '42703'];

/** Why the databases at `hosts` cannot be used, and what to do. */
export function whyUnusable(error: unknown, hosts: string, whereAway = startFirst): string {
  const code = codeOf(error);
  if (unprepared.includes(code))
    return `The databases at ${hosts} are not prepared for this version (${reasonOf(error)}).\n${startFirst}`;
  // Class 28: invalid authorization.
  if (code.startsWith('28'))
    return `The databases at ${hosts} refuse the login (${reasonOf(error)}). Correct DATABASE_URL.`;
  if (isConnectionError(error))
    return `The databases at ${hosts} cannot be reached (${reasonOf(error)}).\n${whereAway}`;
  return reasonOf(error);
}

/** What went wrong, without the statement that a driver puts before it. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && error.cause instanceof Error && !(error instanceof StepError))
    return reasonOf(error.cause);
  return messageOf(error);
}

/** Where two addresses of a host refuse, Node's error has a code alone. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message || codeOf(error) || error.name : String(error);

/** The databases' servers, each once. */
export const hostsOf = (urls: string[]): string =>
  [...new Set(urls.map((url) => new URL(url).host))].join(', ');

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error instanceof AggregateError ? error.errors[0] : error.cause);
}
