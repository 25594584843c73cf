import { STATUS_CODES } from 'node:http';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import type { StepError } from '../saga/errors.ts';

interface FieldError {
  /** JSON pointer into the body. */
  pointer: string;
  detail: string;
}

interface Extras {
  errors?: FieldError[];
  headers?: Record<string, string>;
  /** Further members of the problem document. */
  more?: Record<string, unknown>;
}

/** An answer that is not a success, as RFC 9457 has it. `detail` is for the client: what is wrong and what to do. */
export class Problem extends Error {
  readonly status: ContentfulStatusCode;
  readonly extras: Extras;
  constructor(status: ContentfulStatusCode, detail: string, extras: Extras = {}) {
    super(detail);
    this.status = status;
    this.extras = extras;
  }

  respond(c: Context): Response {
    const { errors, headers, more } = this.extras;
    const document = {
      type: 'about:blank',
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.message,
      instance: c.req.path,
      ...(errors ? { errors } : {}),
      ...more,
    };
    return c.body(JSON.stringify(document), this.status, {
      ...headers,
      'content-type': 'application/problem+json',
    });
  }
}

export const unavailable = (what: string) =>
  new Problem(503, `${what} cannot be reached now: send the request again later`, {
    headers: { 'retry-after': '5' },
  });

export const tooMany = (what: string) =>
  new Problem(429, `${what}: send the request again later`, { headers: { 'retry-after': '5' } });

/** Nothing is wrong with the request: it may be answered later. */
export const isForLater = (error: unknown) =>
  error instanceof Problem && (error.status === 503 || error.status === 429);

/** A line a field that is wrong. */
export function invalid({ issues }: Pick<z.ZodError, 'issues'>, status: 400 | 422 = 422): Problem {
  const errors = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          pointer: pointer([...issue.path, key]),
          detail: 'is not a known field: leave it out',
        }))
      : [{ pointer: pointer(issue.path), detail: issue.message }],
  );
  const named = errors.map(({ pointer, detail }) => `${pointer.slice(1) || 'the body'} ${detail}`).join('; ');
  return new Problem(status, named, { errors });
}

const pointer = (path: PropertyKey[]) =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** What a service refuses, as HTTP has it. */
export const refusalProblem = ({ type, message, more }: StepError): Problem =>
  type === 'conflict'
    ? new Problem(
        422,
        'this Idempotency-Key was used for another request: take a new one, or resend the same body',
      )
    : new Problem(409, message, { more });
