import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { databaseNames } from '../../src/service-names.ts';
import { withSql } from '../sql.ts';
import type { Place } from '../stack.ts';

/** Bytes on disk, by name. */
type Bytes = Record<string, number>;

interface Sizes {
  /** Temporal's database and its write-ahead log. */
  temporal: Bytes;
  databases: Bytes;
  /** With their indexes, as `database.table`. */
  tables: Bytes;
}

/** Without Postgres's write-ahead log, whose size is fixed by its settings. */
export async function measureSizes({ home, stack }: Place): Promise<Sizes> {
  const folder = join(home.path, 'temporal');
  const files = readdirSync(folder).map((name): [string, number] => [
    name,
    statSync(join(folder, name)).size,
  ]);
  const databases: Bytes = {};
  const tables: Bytes = {};
  for (const name of databaseNames) {
    const found = await withSql(
      stack.config.databases[name],
      (sql) => sql<{ table: string | null; bytes: string }[]>`
        select null as table, pg_database_size(current_database()) as bytes
        union all
        select relname, pg_total_relation_size(oid) from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace`,
    );
    for (const { table, bytes } of found)
      if (table === null) databases[name] = Number(bytes);
      else tables[`${name}.${table}`] = Number(bytes);
  }
  return { temporal: Object.fromEntries(files), databases, tables };
}

interface Grown {
  before: number;
  after: number;
  bytes_per_saga: number;
}

/** The growth per saga of each that has grown. */
export interface Disk {
  temporal: Record<string, Grown>;
  databases: Record<string, Grown>;
  tables: Record<string, Grown>;
  bytes_per_saga: { temporal: number; unwind: number; services: number; saga_step: number };
}

export function growth(before: Sizes, after: Sizes, sagas: number): Disk {
  const grown = (from: Bytes, to: Bytes) =>
    Object.fromEntries(
      Object.entries(to)
        .map(([name, bytes]): [string, Grown] => {
          const start = from[name] ?? 0;
          return [name, { before: start, after: bytes, bytes_per_saga: Math.round((bytes - start) / sagas) }];
        })
        .filter(([, { before, after }]) => before !== after),
    );
  const [temporal, databases, tables] = [
    grown(before.temporal, after.temporal),
    grown(before.databases, after.databases),
    grown(before.tables, after.tables),
  ];
  const sum = (of: Record<string, Grown>, which: (name: string) => boolean) =>
    Object.entries(of).reduce(
      (total, [name, { bytes_per_saga }]) => total + (which(name) ? bytes_per_saga : 0),
      0,
    );
  return {
    temporal,
    databases,
    tables,
    bytes_per_saga: {
      temporal: sum(temporal, () => true),
      unwind: sum(databases, (name) => name === 'unwind'),
      services: sum(databases, (name) => name !== 'unwind'),
      saga_step: sum(tables, (name) => name.endsWith('.saga_step')),
    },
  };
}
