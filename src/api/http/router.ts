import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { readText } from './json-body.ts';
import { invalid, Problem, problemSchema } from './problem.ts';

/** A group of routes with validated inputs: 400 for an invalid path, else 422. */
export const router = () =>
  new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      throw invalid(result.error, result.target === 'param' ? 400 : 422);
    },
  });

/** Runs before validation, which ignores a body of another type, and accepts bytes that are not UTF-8. */
export const jsonOnly: MiddlewareHandler<object> = async (c, next) => {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new Problem(415, 'send the body as application/json, with that Content-Type');
  await readText(c);
  // Normalized: the validation accepts fewer spellings.
  c.req.raw.headers.set('content-type', 'application/json');
  await next();
};

const meanings = {
  400: 'invalid JSON, or a bad id in the path',
  401: 'no access token, or one that is not valid',
  403: 'the role of the account does not allow it, or it names another customer',
  404: 'there is no such thing',
  409: 'not possible in the state it is in',
  413: 'the body is over 64 KiB',
  415: 'the content type of the body is not supported',
  422: 'a field is wrong, and named',
  429: 'too many requests at once: send it again later',
  503: 'the database, Temporal or a worker is down: send it again later',
} as const;

/** For the OpenAPI document: the problem responses of a route. */
export const problems = (...statuses: (keyof typeof meanings)[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: meanings[status], content: { 'application/problem+json': { schema: problemSchema } } },
    ]),
  );
