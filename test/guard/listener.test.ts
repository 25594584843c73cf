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
