import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limitBody } from '../../src/api/http/limit-body.ts';
import { Problem } from '../../src/api/http/problem.ts';
import { portOf } from '../support/port-of.ts';

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
  url = `http://127.0.0.1:${portOf(server)}/`;
});
afterAll(() => server.close());

/** In a process of its own, as clients are: it writes while the server closes the connection. */
const client = `
  const [, url, size, times] = process.argv;
  const inChunks = (bytes) =>
    new ReadableStream({
      start(controller) {
        for (let left = bytes; left > 0; left -= 16_384)
          controller.enqueue(new Uint8Array(Math.min(left, 16_384)));
        controller.close();
      },
    });
  const post = (body) =>
    fetch(url, { method: 'POST', body, duplex: 'half' }).then(({ status }) => status, (error) => String(error.cause));
  const heard = new Set();
  for (let n = 0; n < Number(times); n++) {
    heard.add(await post(new Uint8Array(Number(size))));
    heard.add(await post(inChunks(Number(size))));
  }
  console.log(JSON.stringify([...heard]));`;

async function heard(bytes: number, times: number): Promise<unknown> {
  const run = promisify(execFile);
  const args = ['--input-type=module', '-e', client, url, String(bytes), String(times)];
  return JSON.parse((await run(process.execPath, args)).stdout);
}

test('a body of 64 KiB is taken, announced or in chunks', async () => {
  expect(await heard(65_536, 1)).toEqual([200]);
});

test.each([65_537, 500_000, 2_000_000])(
  'a client that sends %i bytes hears each time that they are too many',
  async (bytes) => {
    expect(await heard(bytes, 15)).toEqual([413]);
  },
);
