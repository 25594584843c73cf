import { tcpProxy } from './tcp-proxy.ts';

/** A Postgres proxy that forwards the first COMMIT and then hangs up instead of passing on the answer. */
export function commitLosingProxy(url: string) {
  let armed = true;
  return tcpProxy(url, (client, upstream) => {
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
  });
}
