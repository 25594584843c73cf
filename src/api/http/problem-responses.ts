import { z } from 'zod';
import { problemSchema } from './problem.ts';

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

const headers: Partial<Record<keyof typeof meanings, z.ZodObject>> = {
  401: z.object({ 'www-authenticate': z.string() }),
  429: z.object({ 'retry-after': z.string() }),
  503: z.object({ 'retry-after': z.string() }),
};

const content = { 'application/problem+json': { schema: problemSchema } };

/** For the OpenAPI document: the problem responses of a route. */
export const problems = (...statuses: (keyof typeof meanings)[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: meanings[status], content, ...(headers[status] && { headers: headers[status] }) },
    ]),
  );

export const otherProblems = { default: { description: 'any other problem', content } };
