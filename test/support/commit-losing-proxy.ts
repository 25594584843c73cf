import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A Postgres proxy that forwards the first COMMIT and then hangs up instead of passing on the answer. */
export async function commitLosingProxy(url: string): Promise<{ url: string; close(): void }> {
  const target = new URL(url);
  let armed = true;
  const server = createServer((client: Socket) => {
    const upstream = connect(Number(target.port), target.hostname);
    let losing = false;
    client.on('data', (bytes) => {
      if (armed && bytes.includes('commit\0')) {
        armed = false;
        losing = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (losing) client.destroy();
      else client.write(bytes);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const proxied = new URL(url);
  proxied.port = String(address.port);
  return { url: proxied.href, close: () => server.close() };
}
