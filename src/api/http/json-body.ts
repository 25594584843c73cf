import type { Context } from 'hono';
import { Problem } from './problem.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The client disconnected while it sent the body. */
export const incompleteBody = () => new Problem(400, 'the body is incomplete');

export const notUtf8 = () => new Problem(400, 'the body is not UTF-8');

/** The body as text. Throws the 400 for an incomplete one, and for bytes that are not UTF-8. */
export async function readText(c: Context): Promise<string> {
  const bytes = await c.req.arrayBuffer().catch(() => {
    throw incompleteBody();
  });
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
