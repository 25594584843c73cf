import { Hono } from 'hono';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readText } from '../../src/api/http/json-body.ts';
import { Problem } from '../../src/api/http/problem.ts';

const app = new Hono();
app.post('/', async (c) => c.text(await readText(c)));
app.onError((error, c) => {
  if (error instanceof Problem) return error.respond(c);
  throw error;
});

/** A request whose body arrives as `send` and `end` say. */
function slowly() {
  let body: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      body = controller;
    },
  });
  const request = new Request('http://localhost/', { method: 'POST', body: stream, duplex: 'half' });
  const response = Promise.resolve(app.request(request));
  return { response, send: (text: string) => body?.enqueue(Buffer.from(text)), end: () => body?.close() };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

test('a body that has not arrived whole after fifteen seconds is a 408, whatever comes then', async () => {
  const { response, send, end } = slowly();
  send('all but the la');
  await vi.advanceTimersByTimeAsync(15_000);
  send('st');
  end();
  const late = await response;
  expect(late.headers.get('connection')).toBe('close');
  expect(await late.json()).toMatchObject({ status: 408, detail: 'the body did not arrive within 15 s' });
});

test('one that has arrived just before is read', async () => {
  const { response, send, end } = slowly();
  send('all but the la');
  await vi.advanceTimersByTimeAsync(14_900);
  send('st');
  end();
  expect(await (await response).text()).toBe('all but the last');
});

test('a compressed body is a 415', async () => {
  const send = (coding: string) =>
    app.request('/', { method: 'POST', body: 'text', headers: { 'content-encoding': coding } });
  expect((await send('gzip')).status).toBe(415);
  expect(await (await send('identity')).text()).toBe('text');
});
