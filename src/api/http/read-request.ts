import type { Context } from 'hono';
import { z } from 'zod';
import { plainText } from '../../saga/text.ts';
import { parseJson, readText } from './json-body.ts';
import { invalid, wrongField } from './problem.ts';

/** The parsed body. Null fields, and those that clients in Go leave unset, count as absent. Throws the 400 or the 422. */
export async function readBody<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const parsed = schema.safeParse(withoutAbsent(parseJson(await readText(c))));
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

/** The same, encoded as JSON for a step or a saga. */
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

/** Throws the 422. */
export function readQuery<S extends z.ZodType>(c: Context, schema: S): z.output<S> {
  const parsed = schema.safeParse(c.req.query());
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

/** Throws the 422. */
export function idempotencyKey(c: Context): string | undefined {
  const parsed = keyHeader.safeParse(c.req.header());
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data['idempotency-key'];
}
