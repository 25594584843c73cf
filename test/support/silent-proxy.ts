import { tcpProxy } from './tcp-proxy.ts';

/**
 * A proxy that can be told to go silent: it keeps its connections and forwards nothing any more. `lose`: those that are
 * open now alone.
 */
export async function silentProxy(url: string) {
  let silent = false;
  let lost = 0;
  let opened = 0;
  const proxy = await tcpProxy(url, (client, upstream) => {
    opened += 1;
    const number = opened;
    const isSilent = () => silent || number <= lost;
    client.on('data', (bytes) => isSilent() || upstream.write(bytes));
    upstream.on('data', (bytes) => isSilent() || client.write(bytes));
  });
  return {
    ...proxy,
    silence() {
      silent = true;
    },
    lose() {
      lost = opened;
    },
  };
}
