import { tcpProxy } from './tcp-proxy.ts';

/** A proxy that can be told to go silent: it keeps its connections and forwards nothing any more. */
export async function silentProxy(url: string) {
  let silent = false;
  const proxy = await tcpProxy(url, (client, upstream) => {
    client.on('data', (bytes) => silent || upstream.write(bytes));
    upstream.on('data', (bytes) => silent || client.write(bytes));
  });
  const silence = () => {
    silent = true;
  };
  return { ...proxy, silence };
}
