import type { Context } from 'hono';
import { Problem } from './problem.ts';

/** The scheme in any case. */
export function bearerToken(c: Context): string | undefined {
  const [, token] = /^bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '') ?? [];
  return token;
}

/** RFC 6750 names an error where a token was sent. */
export const unauthorized = (detail: string, error?: 'invalid_token') =>
  new Problem(401, detail, {
    headers: { 'www-authenticate': `Bearer realm="unwind"${error ? `, error="${error}"` : ''}` },
  });
