import type { Config } from '../config.ts';
import { isConnectionError } from '../guard/connection-error.ts';
import { hasErrorCode, isRefusedLogin, messageOf } from '../guard/error-code.ts';
import { StepError } from '../saga/errors.ts';
import type { DatabaseName } from '../service-names.ts';

const startFirst =
  'Start Unwind first: npm start\n(If it runs with a DATABASE_URL or a POSTGRES_PORT of its own, set the same here.)';

/** PostgreSQL: no such database, table, column. */
const unprepared = ['3D000', '42P01', '42703'];

/** PostgreSQL: disk_full. */
const full = '53100';

/** Some databases, as messages name them. */
interface Named {
  /** Their servers. */
  hosts: string;
  /** The variables that set them. */
  variables: string;
}

export function named({ databases, databaseVariables }: Config, names: readonly DatabaseName[]): Named {
  const unique = (texts: string[]) => [...new Set(texts)];
  return {
    hosts: unique(names.map((name) => new URL(databases[name]).host)).join(', '),
    variables: unique(names.map((name) => databaseVariables[name])).join(' or '),
  };
}

/** Why these databases cannot be used, and what to do. */
export function whyUnusable(error: unknown, { hosts, variables }: Named, whenAway = startFirst): string {
  const reason = reasonOf(error);
  if (hasErrorCode(error, unprepared))
    return `The databases at ${hosts} are not prepared for this version (${reason}).\n${startFirst}`;
  if (isRefusedLogin(error))
    return `The databases at ${hosts} refuse the login (${reason}). Correct ${variables}.`;
  if (hasErrorCode(error, [full]))
    return `The disk of the databases at ${hosts} is full (${reason}). Free some space, then try again.`;
  if (isConnectionError(error))
    return `The databases at ${hosts} cannot be reached (${reason}).\n${whenAway}`;
  return reason;
}

/** The message of the innermost cause: drivers wrap it with the statement. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && error.cause instanceof Error && !(error instanceof StepError))
    return reasonOf(error.cause);
  return messageOf(error);
}
