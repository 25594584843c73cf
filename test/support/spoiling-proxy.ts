import { tcpProxy } from './tcp-proxy.ts';

/**
 * A Postgres proxy that makes statements which begin with `word` a syntax error, or begin with `instead`, on connections where
 * `spoils` says so.
 */
export async function spoilingProxy(
  url: string,
  word: string,
  spoils: (connection: number) => boolean,
  instead = 'bogus',
) {
  let connections = 0;
  const proxy = await tcpProxy(url, (client, upstream) => {
    connections += 1;
    const connection = connections;
    client.on('data', (bytes) => {
      const at = spoils(connection) ? bytes.indexOf(word) : -1;
      if (at >= 0) bytes.write(instead, at);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => client.write(bytes));
  });
  return { ...proxy, connections: () => connections };
}
