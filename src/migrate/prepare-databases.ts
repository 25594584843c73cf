import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import type { Sql } from 'postgres';
import { errorCode, hasErrorCode } from '../guard/error-code.ts';
import { compareMigrations, migrationsFolder, tagsOf } from './migrations.ts';
import { withConnection } from './with-connection.ts';

type Log = (line: string) => void;

/** Also on a server whose own encoding is another. */
const inUtf8 = (sql: Sql) => sql.unsafe(`encoding 'UTF8' template template0`);

/** Any number: the key of the advisory lock that serializes migrations. */
const lock = 7_468_001;

/** Longer than any transaction of a step; shorter would give up under normal load. */
const lockTimeoutSeconds = 5;

/** Older ones take no insert of several ledger entries: for their identity column drizzle writes `default`. */
const oldestVersion = 14;

/** PostgreSQL: lock_not_available, insufficient_privilege. */
const [locked, notAllowed] = ['55P03', '42501'];

/** Creates each missing database and migrates all of them. Safe to run in several processes at once. */
export async function prepareDatabases(databases: Record<string, string>, log: Log): Promise<void> {
  for (const [name, url] of Object.entries(databases)) await prepareDatabase(name, url, log);
}

/** The same for one. */
export async function prepareDatabase(name: string, url: string, log: Log): Promise<void> {
  const created = await createIfMissing(url);
  const { known, unknown } = await migrateDatabase(name, url);
  log(`database ${name}: ${created ? 'created, ' : ''}at migration ${known}`);
  if (unknown > 0) log(`database ${name}: also has ${unknown} migrations of a newer version`);
}

const databaseOf = ({ pathname }: URL) => decodeURIComponent(pathname.slice(1));

async function createIfMissing(url: string): Promise<boolean> {
  try {
    await withConnection(url, (sql) => sql`select 1`);
    return false;
  } catch (error) {
    if (errorCode(error) !== '3D000') throw error;
  }
  const server = new URL(url);
  const name = databaseOf(server);
  server.pathname = '/postgres';
  return withConnection(server.href, async (sql) => {
    await sql`create database ${sql(name)} ${inUtf8(sql)}`.catch((error: unknown) => {
      if (hasErrorCode(error, ['42P04', '23505'])) return;
      if (!hasErrorCode(error, [notAllowed])) throw error;
      const { host, username } = server;
      throw new Error(
        `The role ${username} may not create databases at ${host}. As a superuser, run: alter role "${username}" createdb\n` +
          `or create the database for it: create database "${name}" owner "${username}"`,
      );
    });
    return true;
  });
}

function migrateDatabase(name: string, url: string) {
  return withConnection(url, async (sql) => {
    await refuseUnfit(sql, new URL(url));
    await sql`select pg_advisory_lock(${lock})`;
    await sql.unsafe(`set lock_timeout = '${lockTimeoutSeconds}s'`);
    const { skipped } = await compareMigrations(sql, name);
    if (skipped.length > 0)
      throw new Error(
        `The database ${name} has never run ${tagsOf(skipped)}, and has run a migration that was generated later. ` +
          `Two branches were merged: delete ${tagsOf(skipped)} and generate it again (npm run migration:${name}).`,
      );
    await migrate(drizzle(sql), { migrationsFolder: migrationsFolder(name) });
    return compareMigrations(sql, name);
  }).catch((error: unknown) => {
    throw whyNotMigrated(error, name, new URL(url));
  });
}

async function refuseUnfit(sql: Sql, url: URL): Promise<void> {
  const { host } = url;
  const [server] = await sql`
    select current_setting('server_version_num')::int / 10000 as version, current_setting('server_encoding') as encoding`;
  if (server?.version < oldestVersion)
    throw new Error(
      `Postgres at ${host} is version ${server?.version}: Unwind needs ${oldestVersion} or newer`,
    );
  if (server?.encoding !== 'UTF8')
    throw new Error(
      `The database ${databaseOf(url)} at ${host} has the encoding ${server?.encoding}, in which not every name can be written: ` +
        `rename it, run this again, which creates one in UTF8, and restore what pg_dump writes of the old one, if it has rows`,
    );
}

function whyNotMigrated(error: unknown, name: string, url: URL): unknown {
  const { host, username } = url;
  if (hasErrorCode(error, [locked]))
    return new Error(
      `The migration of the database ${name} waited ${lockTimeoutSeconds} s for a lock that another transaction holds. ` +
        'Nothing was changed. Run it again when that transaction has ended.',
    );
  if (hasErrorCode(error, [notAllowed]))
    return new Error(
      `The role ${username} may not change the database ${name} at ${host}. ` +
        `As a superuser, run: alter database "${databaseOf(url)}" owner to "${username}"`,
    );
  return error;
}
