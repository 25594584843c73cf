import postgres from 'postgres';
import { expect, test } from 'vitest';
import { openListener } from '../../src/guard/listener.ts';
import { freshDatabase } from '../support/databases.ts';
import { spoilingProxy } from '../support/spoiling-proxy.ts';

test('a server that refuses to listen, as a standby does, is left for another connection', async () => {
  const proxy = await spoilingProxy(await freshDatabase('loan'), 'listen ', (connection) => connection === 1);
  const listener = openListener(proxy.url, 'tests', 'listener-test');
  // It wakes its waiters once it listens.
  await listener.notified({ withinMs: 60_000 });
  expect(proxy.connections()).toBe(2);
  await listener.end();
  proxy.close();
});

test('a notification wakes those who wait for its topic, or for any, and no others', async () => {
  const url = await freshDatabase('loan');
  const listener = openListener(url, 'tests', 'listener-test');
  const sql = postgres(url);
  await listener.notified({ withinMs: 60_000 });
  const woken: string[] = [];
  const wait = async (topic: string | undefined) => {
    await listener.notified({ withinMs: 60_000, ...(topic !== undefined && { topic }) });
    woken.push(topic ?? 'any');
  };
  const waiting = ['mine', undefined, 'another'].map(wait);
  await sql.notify('tests', 'mine');
  await Promise.all(waiting.slice(0, 2));
  expect(woken).toEqual(['mine', 'any']);
  await sql.notify('tests', 'another');
  await Promise.all(waiting);
  await sql.end();
  await listener.end();
});
