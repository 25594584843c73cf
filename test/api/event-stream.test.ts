import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { eventStream } from '../../src/api/http/event-stream.ts';
import { portOf } from '../support/port-of.ts';

afterEach(() => vi.useRealTimers());

const given = { clock: () => new Date(), logger: pino({ level: 'silent' }) };

test('a stream on which nothing happens says every 15 seconds that it is alive', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const gone = new AbortController();
  const app = new Hono().get('/', (c) =>
    eventStream(c, given, { gone }, async (stream) => {
      await stream.writeSSE({ data: 'first' });
      await new Promise((resolve) => gone.signal.addEventListener('abort', resolve));
    }),
  );
  const { body } = await app.request('/');
  const lines = body?.pipeThrough(new TextDecoderStream()).getReader();
  const heard: string[] = [];
  const hear = async () => heard.push(String((await lines?.read())?.value));
  await hear();
  for (const _ of ['once', 'and again']) {
    const next = hear();
    vi.advanceTimersByTime(14_999);
    vi.advanceTimersByTime(1);
    await next;
  }
  expect(heard).toEqual(['data: first\n\n', ': alive\n\n', ': alive\n\n']);
  await lines?.cancel();
  await expect.poll(() => vi.getTimerCount()).toBe(0);
}, 10_000);

test.each([
  ['HTTP/1.0', 'GET / HTTP/1.0\r\nhost: localhost\r\n\r\n'],
  ['HTTP/1.1 that closes', 'GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'],
])('to a client of %s a stream ends with its connection', async (version, request) => {
  const app = new Hono().get('/', (c) =>
    eventStream(c, given, { gone: new AbortController() }, (stream) => stream.writeSSE({ data: 'only' })),
  );
  const server = createAdaptorServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect(portOf(server), '127.0.0.1', () => socket.write(request));
  const [head = '', ...events] = (await text(socket)).split('\r\n\r\n');
  expect(head).toMatch(/connection: close/i);
  expect(events.join('')).toContain('data: only\n\n');
  if (version === 'HTTP/1.0') expect([head.includes('chunked'), events]).toEqual([false, ['data: only\n\n']]);
  server.close();
});
