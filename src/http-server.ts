import type { ServerType } from '@hono/node-server';

/**
 * Idle connections stay open for longer than proxies use them, 60 s as a rule: a POST that a proxy sends while the server
 * closes the connection is lost.
 */
export const serverOptions = { keepAliveTimeout: 65_000 };

/** Leaves the steps in this process ten of the fifteen seconds before a supervisor kills it. */
const limitMs = 5_000;

/** Accepts no more connections, waits for requests in progress, and cuts off those that take too long. */
export async function closeServer(server: ServerType): Promise<void> {
  const cutOff = setTimeout(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
  }, limitMs);
  await new Promise((closed) => server.close(closed));
  clearTimeout(cutOff);
}
