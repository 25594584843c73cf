import { STATUS_CODES } from 'node:http';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { wholeUnits } from '../../money/money.ts';
import { decisionSchema } from '../../saga/decision.ts';
import type { StepError } from '../../saga/errors.ts';

/** In the problems of some requests: what a client needs to go on. */
const members = z
  .object({
    state: z.string(),
    saga_id: z.guid(),
    saga: z.string(),
    decision: decisionSchema,
    possible: z.array(z.object({ action: z.string(), step: z.string().nullable() })),
    payoff_amount: wholeUnits,
    not_ready: z.array(z.string()),
  })
  .partial();

export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
    ...members.shape,
  })
  .meta({ id: 'Problem', description: 'RFC 9457. `errors` names each invalid field.' });

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

/** An error response (RFC 9457). `detail` tells the client what is wrong and what to do. */
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

export const notFound = (what: string, id: string) => new Problem(404, `there is no ${what} ${id}`);

/** Throws the 404. */
export function orNotFound<T>(row: T | null | undefined, what: string, id: string): T {
  if (row === null || row === undefined) throw notFound(what, id);
  return row;
}

/** For a request that may succeed when it is sent again. */
export const later = (status: 429 | 503, detail: string, seconds = 5, more?: Record<string, unknown>) =>
  new Problem(status, detail, { headers: { 'retry-after': String(seconds) }, ...(more && { more }) });

export const unavailable = (what: string) =>
  later(503, `${what} cannot be reached now: send the request again later`);

export const tooMany = (what: string) => later(429, `${what}: send the request again later`);

/** The request is not at fault, and may succeed later. */
export const isForLater = (error: unknown): error is Problem =>
  error instanceof Problem && (error.status === 503 || error.status === 429);

interface Unknown {
  /** Such as: the saga was started. */
  what: string;
  /** Where the client sees whether it was. */
  where: string;
  more?: Record<string, unknown>;
}

/** The same error, where sending the request again could carry it out twice: for a request without a key. */
export function outcomeUnknown(error: unknown, { what, where, more }: Unknown): unknown {
  if (!isForLater(error)) return error;
  const detail = `whether ${what} is not known: look at ${where} before you send the request again`;
  const extras = { ...error.extras, ...(more && { more }) };
  return new Problem(error.status, `${detail}, or send an Idempotency-Key with it`, extras);
}

/** For one field: `name` is its path in the body, `customer.email`, or a parameter. */
export function wrongField(name: string, detail: string, status: 400 | 403 | 422 = 422): Problem {
  const pointer = `/${name.replaceAll('.', '/')}`;
  return new Problem(status, `${name} ${detail}`, { errors: [{ pointer, detail }] });
}

/** Names each field that is wrong. */
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

/** For a refusal by a service. */
export const stepProblem = ({ type, message, more }: StepError): Problem =>
  type === 'conflict'
    ? new Problem(422, reused('this Idempotency-Key'))
    : new Problem(409, message, { more });

export const reused = (what: string) =>
  `${what} was used for another request: take a new one, or resend the same body`;
