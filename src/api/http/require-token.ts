import type { MiddlewareHandler } from 'hono';
import { timingSafeEqual } from 'hono/utils/buffer';
import { bearerToken, unauthorized } from './bearer.ts';

/** 401 without this bearer token. */
export const requireToken =
  (token: string): MiddlewareHandler =>
  async (c, next) => {
    if (!(await timingSafeEqual(bearerToken(c) ?? '', token)))
      throw unauthorized('send the service token: Authorization: Bearer …');
    await next();
  };
