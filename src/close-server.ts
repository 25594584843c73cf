import type { ServerType } from '@hono/node-server';

/** Then the steps that run in this process still have ten seconds before whoever stops it kills it. */
const patienceMs = 5_000;

/** Takes no further connection and lets all requests have their answers; those that take longer are cut off. */
export async function closeServer(server: ServerType): Promise<void> {
  const impatience = setTimeout(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
  }, patienceMs);
  await new Promise((closed) => server.close(closed));
  clearTimeout(impatience);
}
