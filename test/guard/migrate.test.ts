import { readMigrationFiles } from 'drizzle-orm/migrator';
import postgres from 'postgres';
import { expect, inject, test } from 'vitest';
import { prepareDatabases } from '../../src/guard/migrate.ts';

const url = (name: string) => {
  const server = new URL(inject('databaseUrl'));
  server.pathname = `/${name}`;
  return server.href;
};

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

test('a database that is newer than this version is refused', async () => {
  const databases = { unwind: url(`migrate_newer_${process.pid}`) };
  await prepareDatabases(databases, () => {});
  const sql = postgres(databases.unwind, { max: 1 });
  await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9999999999999)`;
  await sql.end();
  await expect(prepareDatabases(databases, () => {})).rejects.toThrow('update Unwind');
});
