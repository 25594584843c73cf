import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres, { type Sql } from 'postgres';

/** Any number: what migrations of all processes wait for one another by. */
const lock = 7_468_001;

/** Creates each database that is missing and brings its schema up to date. Safe to run by several processes at once. */
export async function prepareDatabases(
  databases: Record<string, string>,
  log: (line: string) => void,
): Promise<void> {
  for (const [name, url] of Object.entries(databases)) {
    const created = await createIfMissing(url);
    const applied = await migrateDatabase(name, url);
    log(`database ${name}: ${created ? 'created, ' : ''}at migration ${applied}`);
  }
}

async function createIfMissing(url: string): Promise<boolean> {
  try {
    await withConnection(url, (sql) => sql`select 1`);
    return false;
  } catch (error) {
    if (codeOf(error) !== '3D000') throw error;
  }
  const server = new URL(url);
  const name = decodeURIComponent(server.pathname.slice(1));
  server.pathname = '/postgres';
  return withConnection(server.href, async (sql) => {
    await sql`create database ${sql(name)}`.catch((error: unknown) => {
      if (!['42P04', '23505'].includes(codeOf(error) ?? '')) throw error;
    });
    return true;
  });
}

function migrateDatabase(name: string, url: string): Promise<number> {
  const migrationsFolder = fileURLToPath(new URL(`../../drizzle/${name}`, import.meta.url));
  return withConnection(url, async (sql) => {
    await sql`select pg_advisory_lock(${lock})`;
    await migrate(drizzle(sql), { migrationsFolder });
    const [row] = await sql<
      { applied: number }[]
    >`select count(*)::int as applied from drizzle.__drizzle_migrations`;
    const expected = readMigrationFiles({ migrationsFolder }).length;
    if (row?.applied !== expected)
      throw new Error(
        `database ${name} has ${row?.applied} migrations where this version knows ${expected}: update Unwind`,
      );
    return expected;
  });
}

/** The lock is the connection's: it ends with it. */
async function withConnection<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, connect_timeout: 10, max_lifetime: null, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
