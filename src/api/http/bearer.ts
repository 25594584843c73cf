import type { Context } from 'hono';
import { Problem } from './problem.ts';

/** The scheme is case-insensitive. */
export function bearerToken(c: Context): string | undefined {
  const [, token] = /^bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '') ?? [];
  return token;
}

/** `error`: only if a token was sent (RFC 6750). */
export const unauthorized = (detail: string, error?: 'invalid_token') =>
  new Problem(401, detail, {
    headers: { 'www-authenticate': `Bearer realm="unwind"${error ? `, error="${error}"` : ''}` },
  });
