import { tcpProxy } from './tcp-proxy.ts';

/** A Postgres proxy that makes statements which begin with `word` a syntax error, on connections where `spoils` says so. */
export async function spoilingProxy(url: string, word: string, spoils: (connection: number) => boolean) {
  let connections = 0;
  const proxy = await tcpProxy(url, (client, upstream) => {
    connections += 1;
    const connection = connections;
    client.on('data', (bytes) => {
      const at = spoils(connection) ? bytes.indexOf(word) : -1;
      if (at >= 0) bytes.write('bogus', at);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => client.write(bytes));
  });
  return { ...proxy, connections: () => connections };
}
