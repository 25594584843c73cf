import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { type DatabaseName, databaseNames } from '../../src/config.ts';

export type Databases = Record<DatabaseName, string>;

const onServer = (name: string) => {
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  return url.href;
};

/** All databases, fresh and migrated, for one test file. */
export async function freshDatabases(): Promise<Databases> {
  const run = randomBytes(6).toString('hex');
  const admin = postgres(onServer('postgres'), { max: 1 });
  try {
    for (const name of databaseNames)
      await admin`create database ${admin(`${name}_${run}`)} template ${admin(`template_${name}`)}`;
  } finally {
    await admin.end();
  }
  return {
    customer: onServer(`customer_${run}`),
    mortgage: onServer(`mortgage_${run}`),
    loan: onServer(`loan_${run}`),
    unwind: onServer(`unwind_${run}`),
  };
}
