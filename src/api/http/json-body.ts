import type { Context } from 'hono';
import { within } from '../../guard/within.ts';
import { Problem } from './problem.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The client disconnected while it sent the body. */
export const incompleteBody = () => new Problem(400, 'the body is incomplete');

export const notUtf8 = () => new Problem(400, 'the body is not UTF-8');

/** Closes the connection: the rest of the body would be read as the next request. */
export const unreadBody = (status: 408 | 413 | 415, detail: string) =>
  new Problem(status, detail, { headers: { connection: 'close' } });

/** The caller's role is read before the body: what arrives much later would count under a role that is gone. */
const limitMs = 15_000;
const lateBody = () => unreadBody(408, `the body did not arrive within ${limitMs / 1_000} s`);

/**
 * The body as text. Throws the 400 for an incomplete one, and for bytes that are not UTF-8; the 408 for a late one; the 415 for
 * a compressed one.
 */
export async function readText(c: Context): Promise<string> {
  const coding = c.req.header('content-encoding')?.trim().toLowerCase() || 'identity';
  if (coding !== 'identity')
    throw unreadBody(415, `the body is ${coding}: send it without a Content-Encoding`);
  const arriving = c.req.arrayBuffer().catch(() => {
    throw incompleteBody();
  });
  const bytes = await within(limitMs, arriving, lateBody);
  try {
    return utf8.decode(bytes);
  } catch {
    throw notUtf8();
  }
}

/** Throws the 400. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'the body is not valid JSON');
  }
}
