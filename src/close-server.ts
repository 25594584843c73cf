import type { ServerType } from '@hono/node-server';

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
