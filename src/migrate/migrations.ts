import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { hasErrorCode } from '../guard/error-code.ts';

interface Migration {
  tag: string;
  /** When it was generated. Drizzle records an applied migration by this time. */
  when: number;
}

const journal = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.number() })) });

export const migrationsFolder = (database: string): string =>
  fileURLToPath(new URL(`../../drizzle/${database}`, import.meta.url));

const knownMigrations = (database: string): Migration[] =>
  journal.parse(JSON.parse(readFileSync(`${migrationsFolder(database)}/meta/_journal.json`, 'utf8'))).entries;

async function appliedMigrations(sql: Sql): Promise<number[]> {
  try {
    const rows = await sql<{ created_at: string }[]>`select created_at from drizzle.__drizzle_migrations`;
    return rows.map(({ created_at }) => Number(created_at));
  } catch (error) {
    // PostgreSQL: undefined_table
    if (hasErrorCode(error, ['42P01'])) return [];
    throw error;
  }
}

/** The migrations of this version against those of the database. */
export async function compareMigrations(sql: Sql, database: string) {
  const known = knownMigrations(database);
  const applied = await appliedMigrations(sql);
  const newest = Math.max(0, ...applied);
  const missing = known.filter(({ when }) => !applied.includes(when));
  return {
    known: known.length,
    missing,
    /** Drizzle runs only what is newer than the newest applied one, so it skips these. */
    skipped: missing.filter(({ when }) => when < newest),
    /** Those of a newer version. */
    unknown: applied.filter((time) => !known.some(({ when }) => when === time)).length,
  };
}

export const tagsOf = (migrations: Migration[]): string => migrations.map(({ tag }) => tag).join(', ');
