import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import type { Database } from '../../src/guard/database.ts';
import {
  type DatabaseName,
  databaseNames,
  eachDatabase,
  eachService,
  variableOf,
} from '../../src/service-names.ts';

export type Databases = Record<DatabaseName, string>;

/** The URL of a database on the server of the tests. */
export const onServer = (name: string) => {
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  return url.href;
};

/** All databases, fresh and migrated, for one test file. */
export async function freshDatabases(): Promise<Databases> {
  const run = randomBytes(6).toString('hex');
  await create(databaseNames, run);
  return eachDatabase((name) => onServer(`${name}_${run}`));
}

/** Where a process finds them. */
export const databaseVariables = (databases: Databases) =>
  Object.fromEntries(databaseNames.map((name) => [variableOf(name), databases[name]]));

/** One of them. */
export async function freshDatabase(name: DatabaseName): Promise<string> {
  const run = randomBytes(6).toString('hex');
  await create([name], run);
  return onServer(`${name}_${run}`);
}

/** One that is created otherwise than Unwind would, in words of `create database`. Returns its URL. */
export async function createDatabase(name: string, how: string): Promise<string> {
  await onAll([name], (admin) => admin.unsafe(`create database "${name}" ${how} template template0`));
  return onServer(name);
}

/** What sessions of the database begin with from now on. */
export async function setDefaults(url: string, settings: Record<string, string>): Promise<void> {
  const admin = postgres(url, { max: 1 });
  const name = new URL(url).pathname.slice(1);
  for (const [setting, value] of Object.entries(settings))
    await admin.unsafe(`alter database "${name}" set ${setting} = '${value}'`);
  await admin.end();
}

export function dropDatabases(databases: Databases): Promise<void> {
  return onAll(Object.values(databases), (admin, url) => {
    const name = new URL(url).pathname.slice(1);
    return admin`drop database ${admin(name)} with (force)`;
  });
}

/** Copied as files: the other strategy writes each page to the log as well, and takes twice as long. */
const create = (names: readonly DatabaseName[], run: string) =>
  onAll(
    names,
    (admin, name) =>
      admin`create database ${admin(`${name}_${run}`)} template ${admin(`template_${name}`)} strategy file_copy`,
  );

/** At once: one after the other would take ten times as long. */
async function onAll<Each>(each: readonly Each[], act: (admin: postgres.Sql, one: Each) => Promise<unknown>) {
  const admin = postgres(onServer('postgres'), { max: each.length });
  try {
    await Promise.all(each.map((one) => act(admin, one)));
  } finally {
    await admin.end();
  }
}

/** For an API of which a test uses one database alone. */
export const inPlaceOfAll = (database: Database) => eachService(() => database);
