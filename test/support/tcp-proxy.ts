import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { portOf } from './port-of.ts';

/** Stands before the server that `url` names; `forward` says what passes between the two ends of a connection. */
export async function tcpProxy(url: string, forward: (client: Socket, upstream: Socket) => void, port = 0) {
  const target = new URL(url);
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    sockets.push(client, upstream);
    forward(client, upstream);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const proxied = new URL(url);
  proxied.port = String(portOf(server));
  return {
    url: proxied.href,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
