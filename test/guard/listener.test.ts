import { expect, test } from 'vitest';
import { openListener } from '../../src/guard/listener.ts';
import { freshDatabase } from '../support/databases.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';

test('a server that refuses to listen, as a standby does, is left for another connection', async () => {
  let connections = 0;
  const proxy = await tcpProxy(await freshDatabase('loan'), (client, upstream) => {
    connections += 1;
    const refuses = connections === 1;
    client.on('data', (bytes) => {
      const at = refuses ? bytes.indexOf('listen ') : -1;
      if (at >= 0) bytes.write('bogus ', at);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => client.write(bytes));
  });
  const listener = openListener(proxy.url, 'tests', 'listener-test');
  // It wakes its waiters once it listens.
  await listener.notified({ withinMs: 60_000 });
  expect(connections).toBe(2);
  await listener.end();
  proxy.close();
});
