import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { expect, inject, onTestFinished, test } from 'vitest';
import { checkServers } from '../../src/migrate/check-servers.ts';

const url = (database: string) => {
  const server = new URL(inject('databaseUrl'));
  server.pathname = `/${database}`;
  return server.href;
};

async function reported(databases: string[]) {
  const lines: string[] = [];
  await checkServers(databases.map(url), (line) => lines.push(line));
  return lines;
}

test('a server that allows too few connections is reported', async () => {
  const connections = async (databases: number) =>
    (await reported(Array(databases).fill('postgres'))).filter((line) => line.includes('connections'));
  expect(await connections(11)).toEqual([
    expect.stringMatching(
      /^Postgres at 127\.0\.0\.1:\d+ allows 400 connections, .* up to 440: set max_connections/,
    ),
  ]);
  expect(await connections(10)).toEqual([]);
});

test('a server that may lose what it has confirmed is reported, also where only a database is set so', async () => {
  const off = async (databases: string[]) =>
    (await reported(databases)).map((line) => / has (.*) off: after a power cut /.exec(line)?.[1]);
  // The server of the tests survives a crash of Postgres, but not of the machine.
  expect(await off(['postgres'])).toEqual(['fsync, full_page_writes']);
  const relaxed = `relaxed_${randomUUID()}`;
  const sql = postgres(url('postgres'), { max: 1 });
  onTestFinished(async () => {
    await sql`drop database ${sql(relaxed)}`;
    await sql.end();
  });
  await sql`create database ${sql(relaxed)}`;
  await sql`alter database ${sql(relaxed)} set synchronous_commit = off`;
  expect(await off(['postgres', relaxed])).toEqual(['fsync, full_page_writes, synchronous_commit']);
});
