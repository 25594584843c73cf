import { Hono } from 'hono';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { eventStream } from '../../src/api/http/event-stream.ts';

afterEach(() => vi.useRealTimers());

test('a stream on which nothing happens says every 15 seconds that it is alive', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const gone = new AbortController();
  const given = { clock: () => new Date(), logger: pino({ level: 'silent' }) };
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
