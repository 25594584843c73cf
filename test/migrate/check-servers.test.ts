import { expect, test } from 'vitest';
import { checkServers } from '../../src/migrate/check-servers.ts';
import { freshDatabase, onServer, setDefaults } from '../support/databases.ts';

async function reported(databases: string[]) {
  const lines: string[] = [];
  await checkServers(databases, (line) => lines.push(line));
  return lines;
}

test('a server that allows too few connections is reported', async () => {
  const connections = async (databases: number) =>
    (await reported(Array(databases).fill(onServer('postgres')))).filter((line) =>
      line.includes('connections'),
    );
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
  const plain = onServer('postgres');
  expect(await off([plain])).toEqual(['fsync, full_page_writes']);
  const relaxed = await freshDatabase('loan');
  await setDefaults(relaxed, { synchronous_commit: 'off' });
  expect(await off([plain, relaxed])).toEqual(['fsync, full_page_writes, synchronous_commit']);
});
