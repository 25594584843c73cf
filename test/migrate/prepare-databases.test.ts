import { readMigrationFiles } from 'drizzle-orm/migrator';
import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { prepareDatabases } from '../../src/migrate/prepare-databases.ts';
import { createDatabase, onServer as url } from '../support/databases.ts';
import { spoilingProxy } from '../support/spoiling-proxy.ts';

test('missing databases are created and migrated by several processes at once, and once', async () => {
  const databases = {
    loan: url(`migrate_loan_${process.pid}`),
    unwind: url(`migrate_unwind_${process.pid}`),
  };
  const known = readMigrationFiles({ migrationsFolder: 'drizzle/loan' }).length;
  const lines: string[] = [];
  await Promise.all([1, 2, 3].map(() => prepareDatabases(databases, (line) => lines.push(line))));
  expect(
    lines.filter((line) => line.startsWith('database loan:') && line.endsWith(`at migration ${known}`)),
  ).toHaveLength(3);
  const sql = postgres(databases.loan, { max: 1 });
  expect(await sql`select id from drizzle.__drizzle_migrations`).toHaveLength(known);
  await sql.end();
});

/** A connection of the test. */
function connect(to: string) {
  const sql = postgres(to, { max: 1, onnotice: () => {} });
  onTestFinished(() => sql.end({ timeout: 5 }));
  return sql;
}

async function prepared(name: string) {
  const databases = { loan: url(`${name}_${process.pid}`) };
  await prepareDatabases(databases, () => {});
  return { databases, sql: connect(databases.loan) };
}

test('a database of a newer version, as after a rollback, is used as it is', async () => {
  const { databases, sql } = await prepared('migrate_newer');
  await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9999999999999)`;
  const lines: string[] = [];
  await prepareDatabases(databases, (line) => lines.push(line));
  expect(lines).toContain('database loan: also has 1 migrations of a newer version');
});

test('a migration that was merged behind a newer one is named, because it would never run', async () => {
  const { databases, sql } = await prepared('migrate_merged');
  await sql`delete from drizzle.__drizzle_migrations where id = 2`;
  await expect(prepareDatabases(databases, () => {})).rejects.toThrow(
    /has never run 0001_ledger_zero_sum, .*delete 0001_ledger_zero_sum and generate it again \(npm run migration:loan\)/,
  );
});

test('a migration gives up on a lock, so that what queues behind it goes on', async () => {
  const { databases, sql } = await prepared('migrate_locked');
  await sql`begin`;
  await sql`lock table drizzle.__drizzle_migrations`;
  await expect(prepareDatabases(databases, () => {})).rejects.toThrow(
    'The migration of the database loan waited 5 s for a lock that another transaction holds. Nothing was changed.',
  );
  await sql`rollback`;
  await prepareDatabases(databases, () => {});
}, 30_000);

test('a role without the rights is named, with the statement that grants them', async () => {
  const role = `nobody_${process.pid}`;
  const server = connect(url('postgres'));
  await server.unsafe(`create role "${role}" login password 'secret'`);
  const as = (database: string) => url(database).replace('//unwind:unwind@', `//${role}:secret@`);
  const missing = `rights_${process.pid}`;
  await expect(prepareDatabases({ loan: as(missing) }, () => {})).rejects.toThrow(
    new RegExp(
      `^The role ${role} may not create databases at 127.*: alter role "${role}" createdb\\n.*create database "${missing}" owner "${role}"$`,
    ),
  );
  await server.unsafe(`create database "${missing}"`);
  await expect(prepareDatabases({ loan: as(missing) }, () => {})).rejects.toThrow(
    new RegExp(
      `^The role ${role} may not change the database loan at .*: alter database "${missing}" owner to`,
    ),
  );
});

test('a database that cannot hold every character is refused', async () => {
  const name = `latin_${process.pid}`;
  const latin = await createDatabase(
    name,
    "encoding 'LATIN1' locale_provider libc lc_collate 'C' lc_ctype 'C'",
  );
  await expect(prepareDatabases({ loan: latin }, () => {})).rejects.toThrow(
    new RegExp(`^The database ${name} at 127.* has the encoding LATIN1, .*: rename it, run this again`),
  );
  expect(await connect(latin)`select 1 from pg_tables where schemaname = 'public'`).toEqual([]);
});

test('a server that is too old is refused, and nothing is migrated', async () => {
  const database = url(`migrate_old_${process.pid}`);
  const version = "select current_setting('server_version_num')::int";
  const old = 'select 130023'.padEnd(version.length);
  const proxy = await spoilingProxy(database, version, () => true, old);
  await expect(prepareDatabases({ loan: proxy.url }, () => {})).rejects.toThrow(
    /^Postgres at 127.* is version 13: Unwind needs 14 or newer$/,
  );
  proxy.close();
  expect(await connect(database)`select 1 from pg_tables where schemaname = 'public'`).toEqual([]);
});
