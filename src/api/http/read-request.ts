import type { Context } from 'hono';
import { z } from 'zod';
import { plainText } from '../../saga/text.ts';
import { parseJson, readText } from './json-body.ts';
import { invalid, Problem, wrongField } from './problem.ts';

/** In place of zod's own words: "Invalid input: expected string, received undefined". */
export const inWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'invalid_type') return undefined;
  return issue.input === undefined ? 'is missing' : `must be of type ${issue.expected}`;
};

/** Throws the 422. */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value, { error: inWords });
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

/** The parsed body. Null fields, and those that clients in Go leave unset, count as absent. Throws the 400 or the 422. */
export const readBody = async <S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> =>
  checked(schema, withoutAbsent(parseJson(await readText(c))));

/** The parsed body, which must be announced as JSON, and whose nulls are values. Throws the 415, the 400 or the 422. */
export async function readAnnouncedBody<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new Problem(415, 'send the body as application/json, with that Content-Type');
  return checked(schema, parseJson(await readText(c)));
}

/** The same as `readBody`, encoded as JSON for a step or a saga. */
export const readJsonBody = async <S extends z.ZodType>(c: Context, schema: S): Promise<z.input<S>> =>
  z.encode(schema, await readBody(c, schema));

const noId = '00000000-0000-0000-0000-000000000000';
/** What clients in Go send for a field that they did not set. */
const unset = new Map([
  ['status', ''],
  ['payment_type', ''],
  ['customer_id', noId],
  ['loan_id', noId],
]);
const isAbsent = ([name, value]: [string, unknown]) => value === null || value === unset.get(name);

const withoutAbsent = (json: unknown): unknown =>
  json !== null && typeof json === 'object' && !Array.isArray(json)
    ? Object.fromEntries(Object.entries(json).filter((field) => !isAbsent(field)))
    : json;

const notAUuid = 'must be a UUID';
export const guid = z.guid(notAUuid);

/** The id in the path, in lower case. Throws the 400. */
export function pathId(c: Context, name = 'id'): string {
  const parsed = guid.safeParse(c.req.param(name));
  if (!parsed.success) throw wrongField(name, notAUuid, 400);
  return parsed.data.toLowerCase();
}

export const keyHeader = z.object({
  'idempotency-key': plainText(255)
    .optional()
    .meta({ description: 'The same key and body get the same response, however often they are sent' }),
});

/** Throws the 422, also for a parameter that is given twice. */
export function readQuery<S extends z.ZodType>(c: Context, schema: S): z.output<S> {
  for (const [name, values] of Object.entries(c.req.queries()))
    if (values.length > 1) throw wrongField(name, 'must be given only once');
  return checked(schema, c.req.query());
}

/** Throws the 422. */
export const readHeaders = <S extends z.ZodType>(c: Context, schema: S): z.output<S> =>
  checked(schema, c.req.header());

/** Throws the 422. */
export const idempotencyKey = (c: Context): string | undefined =>
  readHeaders(c, keyHeader)['idempotency-key'];
