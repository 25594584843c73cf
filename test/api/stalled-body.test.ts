import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serverOptions } from '../../src/http-server.ts';
import { portOf } from '../support/port-of.ts';

let end = () => {};
const app = new Hono();
/** A response that lasts until `end`. */
app.post('/', async (c) => {
  const body = new Uint8Array(await c.req.arrayBuffer());
  const lasting = new ReadableStream({
    start(controller) {
      controller.enqueue(body);
      end = () => controller.close();
    },
  });
  return c.body(lasting);
});
app.onError((_, c) => c.body(null, 400));

const { requestTimeout, connectionsCheckingInterval } = serverOptions;
const sooner = {
  ...serverOptions,
  requestTimeout: requestTimeout / 10,
  connectionsCheckingInterval: connectionsCheckingInterval / 10,
};
const server = createServer(sooner, getRequestListener(app.fetch));
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => server.close());

test('a request that stalls before its last byte is a 408 within twenty seconds, and a long response goes on', async () => {
  expect(requestTimeout + connectionsCheckingInterval).toBeLessThanOrEqual(20_000);
  const port = portOf(server);
  const lasting = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'whole' });
  const stalled = connect(port, '127.0.0.1');
  stalled.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nwhol');
  expect(await text(stalled)).toMatch(/^HTTP\/1\.1 408 /);
  end();
  expect(await lasting.text()).toBe('whole');
});
