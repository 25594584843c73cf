import { sql } from 'drizzle-orm';
import { type AnyPgColumn, customType, timestamp } from 'drizzle-orm/pg-core';

export const timestamps = () => ({
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  modifiedAt: timestamp('modified_at', { withTimezone: true })
    .notNull()
    .defaultNow()
    .$onUpdate(() => sql`now()`),
});

/** Rounded as a `Date` is, so that a value read from it selects the same row again. */
export const millisecondTimestamp = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** For dates from clients: `new Date` would read Postgres's years below 100 as 19xx or 20xx. */
export const clientTimestamp = customType<{ data: Date; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  toDriver: (date) => date.toISOString(),
  fromDriver: (text) => new Date(`${text.replace(' ', 'T')}:00`),
});

/** An e-mail address in lower case, also where the database's own language has another letter for `I`. */
export const lowerCase = (email: AnyPgColumn | string) => sql`lower(${email}::text collate "C")`;

/** For a check: the column has one of these values. */
export const isOneOf = (column: AnyPgColumn, values: readonly string[]) =>
  sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`;
