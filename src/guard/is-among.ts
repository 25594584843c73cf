import { type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';

/** An array of ids, of the column's type, with one parameter: one prepared statement serves any number of ids. */
export const arrayOf = (column: AnyPgColumn, ids: readonly (string | number)[]): SQL =>
  sql`${`{${ids.join()}}`}::${sql.raw(column.getSQLType())}[]`;

/** Like `inArray`, for ids. */
export const isAmong = (column: AnyPgColumn, ids: readonly (string | number)[]): SQL =>
  sql`${column} = any(${arrayOf(column, ids)})`;
