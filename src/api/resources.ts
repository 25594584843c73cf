import type { Context } from 'hono';
import { z } from 'zod';
import type { Database } from '../guard/database.ts';
import type { Step } from '../guard/implement.ts';
import { runRequest } from '../guard/request.ts';
import type { StepContract } from '../saga/step.ts';
import { plainText } from '../saga/text.ts';
import { write } from './ask-database.ts';
import type { Caller } from './identity.ts';
import { parseJson, readText } from './json-body.ts';
import { invalid, Problem } from './problem.ts';
import { requestId } from './request-id.ts';

/** The parsed body. Null fields, and empty choices, count as absent. Throws the 400 or the 422. */
export async function readBody<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const parsed = schema.safeParse(withoutAbsent(parseJson(await readText(c))));
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

/** The same, encoded as JSON for a step or a saga. */
export const readResource = async <S extends z.ZodType>(c: Context, schema: S): Promise<z.input<S>> =>
  z.encode(schema, await readBody(c, schema));

/** Clients in Go send an unset text as an empty one. */
const choices = ['status', 'payment_type'];
const isAbsent = ([name, value]: [string, unknown]) =>
  value === null || (value === '' && choices.includes(name));

const withoutAbsent = (json: unknown): unknown =>
  json !== null && typeof json === 'object' && !Array.isArray(json)
    ? Object.fromEntries(Object.entries(json).filter((field) => !isAbsent(field)))
    : json;

export const guid = z.guid('must be a UUID');

/** The id in the path, in lower case. Throws the 400. */
export function pathId(c: Context, name = 'id'): string {
  const parsed = guid.safeParse(c.req.param(name));
  if (!parsed.success) throw new Problem(400, `${name} in the path must be a UUID`);
  return parsed.data.toLowerCase();
}

export const keyHeader = z.object({
  'idempotency-key': plainText(255)
    .optional()
    .meta({ description: 'The same key and body get the same answer, however often they are sent' }),
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

/** Throws the 404. */
export function orNotFound<T>(row: T | null | undefined, what: string, id: string): T {
  if (row === null || row === undefined) throw new Problem(404, `there is no ${what} ${id}`);
  return row;
}

/** Creates a row of `location`, once for each Idempotency-Key. */
export async function createOnce<I extends z.ZodType, R extends z.ZodType<unknown, { id: string }>>(
  c: Context,
  { id: caller }: Caller,
  database: Database,
  step: Step<StepContract<I, R, null>>,
  location: string,
) {
  const body = await readResource(c, step.contract.input);
  const id = requestId(caller, idempotencyKey(c));
  const row = await write(() => runRequest(database, step, id, body));
  return c.json(row, 201, { location: `${location}/${row.id}` });
}

/** 204. Throws the 404 if `remove` found nothing. */
export async function removeOrNotFound(c: Context, what: string, id: string, remove: () => Promise<boolean>) {
  orNotFound((await write(remove)) || undefined, what, id);
  return c.body(null, 204);
}
