import { errorCode, hasErrorCode, messageOf } from '../guard/error-code.ts';
import { within } from '../guard/within.ts';
import { compareMigrations, tagsOf } from './migrations.ts';
import { withConnection } from './with-connection.ts';

const limitMs = 5_000;

/**
 * Throws when a database lacks migrations of this version, because steps would fail and their sagas unwind. Warns of
 * newer migrations, which a rollback leaves behind. Skips a database that is down: readiness reports it.
 */
export async function requireMigrations(
  databases: Record<string, string>,
  warn: (line: string) => void,
): Promise<void> {
  const checks = Object.entries(databases).map(([name, url]) => check(name, url, warn));
  const problems = (await Promise.all(checks)).filter((problem) => problem !== undefined);
  if (problems.length > 0)
    throw new Error(
      [
        'The databases are older than this version: run the migrations first (npm run migrate).',
        ...problems,
      ].join('\n  - '),
    );
}

async function check(name: string, url: string, warn: (line: string) => void): Promise<string | undefined> {
  try {
    const { missing, unknown } = await within(
      limitMs,
      withConnection(url, (sql) => compareMigrations(sql, name)),
    );
    if (missing.length > 0) return `the database ${name} lacks ${tagsOf(missing)}`;
    if (unknown > 0) warn(`the database ${name} has ${unknown} migrations of a newer version`);
  } catch (error) {
    // PostgreSQL: invalid_catalog_name
    if (hasErrorCode(error, ['3D000'])) return `the database ${name} does not exist`;
    const reason = errorCode(error) ?? messageOf(error);
    warn(`the migrations of the database ${name} were not checked (${reason})`);
  }
  return undefined;
}
