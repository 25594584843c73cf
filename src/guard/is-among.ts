import { type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';

/** Like `inArray`, for ids, with one parameter: one prepared statement serves any number of ids. */
export const isAmong = (column: AnyPgColumn, ids: readonly (string | number)[]): SQL =>
  sql`${column} = any(${`{${ids.join()}}`}::${sql.raw(column.getSQLType())}[])`;
