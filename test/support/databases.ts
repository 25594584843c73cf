import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { type DatabaseName, databaseNames } from '../../src/config.ts';
import type { Database } from '../../src/guard/database.ts';

export type Databases = Record<DatabaseName, string>;

const onServer = (name: string) => {
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  return url.href;
};

/** All databases, fresh and migrated, for one test file. */
export async function freshDatabases(): Promise<Databases> {
  const run = randomBytes(6).toString('hex');
  const admin = postgres(onServer('postgres'), { max: databaseNames.length });
  // Copied as files: the other strategy writes each page to the log as well, and takes twice as long.
  const create = (name: string) =>
    admin`create database ${admin(`${name}_${run}`)} template ${admin(`template_${name}`)} strategy file_copy`;
  try {
    // One after the other would take ten times as long.
    await Promise.all(databaseNames.map(create));
  } finally {
    await admin.end();
  }
  return {
    customer: onServer(`customer_${run}`),
    mortgage: onServer(`mortgage_${run}`),
    loan: onServer(`loan_${run}`),
    product: onServer(`product_${run}`),
    order: onServer(`order_${run}`),
    payment: onServer(`payment_${run}`),
    delivery: onServer(`delivery_${run}`),
    unwind: onServer(`unwind_${run}`),
  };
}

/** For an API of which a test uses one database alone. */
export const inPlaceOfAll = (database: Database) => ({
  customer: database,
  mortgage: database,
  loan: database,
  product: database,
  order: database,
  payment: database,
});
