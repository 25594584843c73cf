import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { portOf } from '../support/port-of.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const streams = 1_000;
const sagas = 50;

const megabytes = () => Math.round(process.memoryUsage().rss / 2 ** 20);

async function open(url: string, agent: Agent): Promise<IncomingMessage> {
  const [response] = await once(get(url, { agent }), 'response');
  return response;
}

test(`${streams} streams of ${sagas} sagas are open at once, and each sees its saga end`, {
  timeout: 120_000,
}, async () => {
  await system.rest('loan');
  const ids = await Promise.all(Array.from({ length: sagas }, () => system.start('rehearsal', {})));
  // All come at once, while this process, which is also their client, has no time to accept any.
  const server = createAdaptorServer({ fetch: system.app.fetch });
  await once(server.listen({ port: 0, host: '127.0.0.1', backlog: streams }), 'listening');
  const port = portOf(server);

  const before = megabytes();
  const agent = new Agent({ maxSockets: streams });
  const responses = await Promise.all(
    Array.from({ length: streams }, (_, n) =>
      open(`http://127.0.0.1:${port}/sagas/${ids[n % sagas]}/events`, agent),
    ),
  );
  console.log(
    `${streams} open streams: ${before} MB before, ${megabytes()} MB with them (server, workers and clients in one process)`,
  );

  const ends = responses.map(async (response) => {
    let text = '';
    for await (const bytes of response) text += bytes;
    return text;
  });
  await system.work('loan');
  for (const text of await Promise.all(ends)) {
    expect(text).toContain('"state":"completed"');
    expect(text.trimEnd().endsWith('event: end\ndata: {}')).toBe(true);
  }
  agent.destroy();
  server.close();
});
