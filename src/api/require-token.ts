import type { MiddlewareHandler } from 'hono';
import { timingSafeEqual } from 'hono/utils/buffer';
import { Problem } from './problem.ts';

/** 401 without this bearer token. */
export const requireToken =
  (token: string): MiddlewareHandler =>
  async (c, next) => {
    const [, given = ''] = /^bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '') ?? [];
    if (!(await timingSafeEqual(given, token)))
      throw new Problem(401, 'send the service token: Authorization: Bearer …', {
        headers: { 'www-authenticate': 'Bearer realm="unwind"' },
      });
    await next();
  };
