import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { ApiContext } from '../context.ts';
import { endWith } from './end-with.ts';

const aliveEveryMs = 15_000;

interface Lifetime {
  /** Aborts when the client has left, its token has expired, or this process stops. */
  gone: AbortController;
  expires?: Date | undefined;
}

/** Server-sent events while `send` runs, with a comment line every 15 s. `send` must end with `gone`. */
export function eventStream(
  c: Context,
  { clock, stopping, logger }: Pick<ApiContext, 'clock' | 'stopping' | 'logger'>,
  { gone, expires }: Lifetime,
  send: (stream: SSEStreamingApi) => Promise<void>,
): Response {
  const response = streamSSE(c, async (stream) => {
    stream.onAbort(() => gone.abort());
    const afterMs = expires && expires.getTime() - clock().getTime();
    const release = endWith(gone, { stopping, afterMs });
    const alive = setInterval(() => void stream.write(': alive\n\n'), aliveEveryMs);
    try {
      await send(stream);
    } catch (err) {
      // Without `end`, the client reconnects.
      logger.error({ err, path: c.req.path }, 'an event stream broke off');
    } finally {
      clearInterval(alive);
      release();
    }
  });
  // Of HTTP/1.1: Node adds them where the client's version allows them.
  for (const name of ['transfer-encoding', 'connection']) response.headers.delete(name);
  return response;
}

/** A HEAD response has no reader: a write to its stream would wait for ever. */
export const isHead = (c: Context) => c.req.method === 'HEAD';

export const streamHead = (c: Context): Response =>
  c.body(null, 200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
