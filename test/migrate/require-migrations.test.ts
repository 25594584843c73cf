import postgres from 'postgres';
import { expect, inject, onTestFinished, test } from 'vitest';
import journal from '../../drizzle/loan/meta/_journal.json' with { type: 'json' };
import registryJournal from '../../drizzle/unwind/meta/_journal.json' with { type: 'json' };
import { requireMigrations } from '../../src/migrate/require-migrations.ts';
import type { DatabaseName } from '../../src/service-names.ts';
import { project } from '../compose/files.ts';
import { start } from '../compose/programs.ts';
import { type Databases, databaseVariables, freshDatabases } from '../support/databases.ts';

const newest = journal.entries.at(-1)?.tag;
const newestOfRegistry = registryJournal.entries.at(-1)?.tag;

async function databasesWith(
  change: (sql: postgres.Sql) => Promise<unknown>,
  name: DatabaseName = 'loan',
): Promise<Databases> {
  const databases = await freshDatabases();
  const changed = postgres(databases[name], { max: 1 });
  await change(changed).finally(() => changed.end());
  return databases;
}

const older = (name?: DatabaseName) =>
  databasesWith(
    (sql) => sql`
    delete from drizzle.__drizzle_migrations
    where created_at = (select max(created_at) from drizzle.__drizzle_migrations)`,
    name,
  );

async function warningsOf(databases: Record<string, string>) {
  const warnings: string[] = [];
  await requireMigrations(databases, (line) => warnings.push(line));
  return warnings;
}

test('databases that have all migrations pass', async () => {
  expect(await warningsOf({ ...(await freshDatabases()) })).toEqual([]);
});

test('a database that lacks a migration, and one that does not exist, are named', async () => {
  const { loan, unwind } = await older();
  const customer = unwind.replace(/[^/]+$/, 'nowhere');
  await expect(requireMigrations({ unwind, loan, customer }, () => {})).rejects.toThrow(
    'The databases are older than this version: run the migrations first (npm run migrate).\n' +
      `  - the database loan lacks ${newest}\n` +
      '  - the database customer does not exist',
  );
});

test('a newer database, as after a rollback, is a warning', async () => {
  const { loan } = await databasesWith(
    (sql) => sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9999999999999)`,
  );
  expect(await warningsOf({ loan })).toEqual(['the database loan has 1 migrations of a newer version']);
});

test('a database that is down is left to readiness', async () => {
  expect(await warningsOf({ loan: 'postgres://127.0.0.1:1/loan' })).toEqual([
    'the migrations of the database loan were not checked (ECONNREFUSED)',
  ]);
});

/** Starts a process on the databases; answers with its exit code and what it printed. */
async function tried(databases: Databases, ...command: string[]) {
  const program = start([process.execPath, '--import', 'tsx', ...command], project, {
    ...process.env,
    ...databaseVariables(databases),
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    WORKFLOW_BUNDLE: inject('workflowBundle'),
    PORT: '1',
  });
  onTestFinished(() => void program.stop('SIGKILL'));
  return [await program.ended, program.printed()];
}

const runFirst = 'The databases are older than this version: run the migrations first (npm run migrate).';

test.each([['src/server.ts'], ['src/worker.ts'], ['src/worker.ts', 'loan']])(
  '%s %s does not start before the migrations have run',
  async (...command) => {
    const lacking = `${runFirst}\n  - the database loan lacks ${newest}\n`;
    expect(await tried(await older(), ...command)).toEqual([1, lacking]);
  },
);

test('nor does the loan service before those of the registry, in which its port registers payments', async () => {
  const lacking = `${runFirst}\n  - the database unwind lacks ${newestOfRegistry}\n`;
  expect(await tried(await older('unwind'), 'src/worker.ts', 'loan')).toEqual([1, lacking]);
});
