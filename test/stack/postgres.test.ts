import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { placeOutside, removeHome, takeHome } from '../../scripts/stack/home.ts';
import { freePort } from '../../scripts/stack/ports.ts';
import { postgresChild, postgresReady, prepareCluster } from '../../scripts/stack/postgres.ts';
import { postgresAccount } from '../../scripts/stack/postgres-account.ts';
import { postgresBinaries } from '../../scripts/stack/postgres-binaries.ts';
import { createSupervisor } from '../../scripts/stack/supervisor.ts';
import { embeddedDatabaseUrl } from '../../src/config.ts';
import { prepareDatabases } from '../../src/migrate/prepare-databases.ts';
import { eventually, executable, temporaryFolder } from './support.ts';

async function startPostgres(path: string) {
  const home = await takeHome(path, () => {});
  const supervisor = createSupervisor({ home, log: () => {} });
  onTestFinished(() => supervisor.stop());
  const port = await freePort();
  const logFile = join(path, 'logs', 'postgres.log');
  supervisor.start(postgresChild(await prepareCluster(path, { fast: true }), port, logFile));
  await postgresReady(port, logFile);
  const sql = postgres(`${embeddedDatabaseUrl(port)}/postgres`, { max: 1, onnotice: () => {} });
  onTestFinished(() => sql.end({ timeout: 0 }));
  return { supervisor, sql, port, logFile };
}

test('a new cluster speaks UTF-8, whatever the locale of the machine', async () => {
  const { sql } = await startPostgres(temporaryFolder());
  expect(await sql`show server_encoding`).toEqual([{ server_encoding: 'UTF8' }]);
  expect(await sql`select upper('ž') as upper`).toEqual([{ upper: 'Ž' }]);
});

test('a database is made in UTF-8, also on a server where others are not', async () => {
  const { sql, port } = await startPostgres(temporaryFolder());
  await sql`update pg_database set datistemplate = false where datname = 'template1'`;
  await sql`drop database template1`;
  await sql`
    create database template1 encoding 'SQL_ASCII' locale_provider libc locale 'C' template template0`;
  await prepareDatabases({ customer: `${embeddedDatabaseUrl(port)}/customer` }, () => {});
  expect(
    await sql`
    select datname, pg_encoding_to_char(encoding) as encoding from pg_database where datname ~ '^[ct]' order by 1`,
  ).toEqual([
    { datname: 'customer', encoding: 'UTF8' },
    { datname: 'template0', encoding: 'UTF8' },
    { datname: 'template1', encoding: 'SQL_ASCII' },
  ]);
});

test('what was committed outlives a postmaster that is killed', async () => {
  const { supervisor, sql, port, logFile } = await startPostgres(temporaryFolder());
  await sql`create table kept (id int)`;
  const first = supervisor.pidOf('postgres');
  process.kill(first ?? 0, 'SIGKILL');
  await eventually(() => ![first, undefined].includes(supervisor.pidOf('postgres')), 'another postmaster');
  await postgresReady(port, logFile);
  const again = postgres(`${embeddedDatabaseUrl(port)}/postgres`, { max: 1 });
  onTestFinished(() => again.end({ timeout: 0 }));
  expect(await again`select count(*)::int from kept`).toEqual([{ count: 0 }]);
});

test('a cluster that was left half made is made anew', async () => {
  const home = temporaryFolder();
  const half = join(home, 'postgres.half-killed');
  mkdirSync(half);
  writeFileSync(join(half, 'PG_VERSION'), '18\n');
  await prepareCluster(home, { fast: true });
  expect(readdirSync(home)).toEqual(['postgres']);
});

test('a postmaster left over without any record of it is ended', async () => {
  const home = temporaryFolder();
  const { supervisor } = await startPostgres(home);
  const first = supervisor.pidOf('postgres');
  await prepareCluster(home);
  await eventually(() => supervisor.pidOf('postgres') !== first, 'its end');
});

test.runIf(process.getuid?.() === 0)('root may run it in a folder that no other user can enter', async () => {
  const locked = temporaryFolder(0o700);
  const home = join(locked, '.unwind');
  const { sql, supervisor } = await startPostgres(home);
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  expect(realpathSync(join(home, 'postgres'))).toBe(join(placeOutside(home), 'postgres'));

  await supervisor.stop();
  await removeHome(home, () => {});
  expect(existsSync(placeOutside(home))).toBe(false);
});

test.runIf(process.getuid?.() === 0)(
  'under a narrow umask its user may enter what root makes and run what npm installed, also where it could not before',
  () => {
    const home = temporaryFolder(0o700);
    const outside = placeOutside(home);
    onTestFinished(() => rmSync(outside, { recursive: true }));
    const umask = process.umask(0o077);
    onTestFinished(() => void process.umask(umask));
    const folder = join(home, 'native');
    const copy = join(outside, 'postgresql-any');
    for (const made of [folder, copy]) executable(join(made, 'bin', 'postgres'), 'echo postgres');
    const account = postgresAccount(join(home, 'postgres'));
    expect(postgresBinaries(home, account, { folder, version: 'any' })).toBe(copy);
  },
);
