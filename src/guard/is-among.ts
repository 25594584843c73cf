import { type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';

/** As `inArray`, for ids, with one parameter: a connection keeps one prepared statement, however many they are. */
export const isAmong = (column: AnyPgColumn, ids: readonly (string | number)[]): SQL =>
  sql`${column} = any(${`{${ids.join()}}`}::${sql.raw(column.getSQLType())}[])`;
