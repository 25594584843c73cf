import { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { incompleteBody, unreadBody } from './json-body.ts';
import { Problem } from './problem.ts';

const maxBytes = 64 * 1024;
const readOnMs = 1_000;

const limit = bodyLimit({
  maxSize: maxBytes,
  async onError(c) {
    await readOn(c);
    throw unreadBody(413, `the body is larger than ${maxBytes} bytes`);
  },
});

/** Refuses a larger body with 413, chunked ones too. */
export const limitBody: MiddlewareHandler = async (c, next) => {
  try {
    return await limit(c, next);
  } catch (error) {
    // It reads chunked bodies. Errors of other handlers do not come here.
    throw error instanceof Problem ? error : incompleteBody();
  }
};

/** A client whose connection closes while it writes never reads the response: keep reading for a while. */
async function readOn({ env }: Context<{ Bindings: { incoming?: unknown } }>): Promise<void> {
  const incoming = env?.incoming;
  if (!(incoming instanceof IncomingMessage) || incoming.readableEnded) return;
  const read = () => incoming.resume();
  // The first reader pauses it again and again.
  incoming.on('pause', read);
  read();
  await finished(incoming, { signal: AbortSignal.timeout(readOnMs), cleanup: true }).catch(() => {});
}
