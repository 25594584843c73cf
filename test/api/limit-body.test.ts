import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { limitBody } from '../../src/api/limit-body.ts';
import { Problem } from '../../src/api/problem.ts';

const app = new Hono();
app.use(limitBody);
app.post('/', async (c) => c.text(String((await c.req.arrayBuffer()).byteLength)));
app.onError((error, c) => {
  if (error instanceof Problem) return error.respond(c);
  throw error;
});

const server = createServer(getRequestListener(app.fetch));
let url: string;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}/`;
});
afterAll(() => server.close());

/** A body that does not say how long it is. */
const inChunks = (bytes: number) =>
  new ReadableStream({
    start(controller) {
      for (let left = bytes; left > 0; left -= 16_384)
        controller.enqueue(new Uint8Array(Math.min(left, 16_384)));
      controller.close();
    },
  });
const post = (body: Uint8Array | ReadableStream) => fetch(url, { method: 'POST', body, duplex: 'half' });

test('a body of 64 KiB is taken, announced or in chunks', async () => {
  expect(await (await post(new Uint8Array(65_536))).text()).toBe('65536');
  expect(await (await post(inChunks(65_536))).text()).toBe('65536');
});

test.each([65_537, 300_000, 2_000_000])(
  'a client that sends %i bytes hears each time that they are too many',
  async (bytes) => {
    for (let n = 0; n < 10; n++) {
      expect((await post(new Uint8Array(bytes))).status).toBe(413);
      expect((await post(inChunks(bytes))).status).toBe(413);
    }
  },
);
