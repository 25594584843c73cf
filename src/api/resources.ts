import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import type { Database } from '../guard/database.ts';
import type { Step } from '../guard/implement.ts';
import { runRequest } from '../guard/request.ts';
import type { StepContract } from '../saga/step.ts';
import { plainText } from '../saga/text.ts';
import { type Access, permittedCaller, refusalsOf, securityOf } from './access.ts';
import { type Caller, stranger } from './identity.ts';
import { parseJson, readText } from './json-body.ts';
import { invalid, Problem } from './problem.ts';
import { requestId } from './request-id.ts';
import { problems } from './router.ts';
import { askDatabase, type Services, writeTimeoutMs } from './services.ts';

/** What `schema` makes of the body; a field that is null, or an empty choice, is absent. Throws the 400 or the 422. */
export async function readBody<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const parsed = schema.safeParse(withoutAbsent(parseJson(await readText(c))));
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

/** The same as JSON, for a step or a saga. */
export const readResource = async <S extends z.ZodType>(c: Context, schema: S): Promise<z.input<S>> =>
  z.encode(schema, await readBody(c, schema));

/** Clients written in Go send a text that they have not set as an empty one. */
const choices = ['status', 'payment_type'];
const isAbsent = ([name, value]: [string, unknown]) =>
  value === null || (value === '' && choices.includes(name));

const withoutAbsent = (json: unknown): unknown =>
  json !== null && typeof json === 'object' && !Array.isArray(json)
    ? Object.fromEntries(Object.entries(json).filter((field) => !isAbsent(field)))
    : json;

const guid = z.guid('must be a UUID');

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
export function idempotencyKey(c: Context): string | undefined {
  const parsed = keyHeader.safeParse(c.req.header());
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data['idempotency-key'];
}

/** Throws the 404. */
export function found<T>(row: T | null | undefined, what: string, id: string): T {
  if (row === null || row === undefined) throw new Problem(404, `there is no ${what} ${id}`);
  return row;
}

interface Described {
  method: 'get' | 'post' | 'put' | 'delete';
  /** As OpenAPI has it: `/customers/{id}`. */
  path: string;
  summary: string;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** What a success answers; none with a 204. */
  answer?: z.ZodType;
  /** What each of the server-sent events is, where the answer is a stream of them. */
  streamed?: z.ZodType;
  /** Where it is not the method's. */
  success?: 200;
  /** Whether an Idempotency-Key counts; unless said otherwise, on a POST. */
  keyed?: boolean;
  /** What the caller must be allowed to do; `nothing`: whoever it is, and whatever token they send. */
  asks: Access | 'nothing';
  /** Further answers. */
  more?: Record<number, { description: string; content?: object }>;
}

const successes = { get: 200, put: 200, post: 201, delete: 204 } as const;

type Respond = (c: Context, caller: Caller) => Response | Promise<Response>;

/** Mounts a route of a replaced system: described in the document, and its body read whatever its type. */
export function mount(routes: OpenAPIHono, services: Services, described: Described, respond: Respond) {
  const { method, path, summary, query, body, answer, streamed, more, asks } = described;
  const { success = successes[method], keyed = method === 'post' } = described;
  const names = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
  const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });
  const route = createRoute({
    method,
    path,
    summary,
    ...(asks !== 'nothing' && securityOf(services, asks)),
    request: {
      ...(names.length > 0 && { params: z.object(Object.fromEntries(names.map((name) => [name, guid]))) }),
      ...(query && { query }),
      ...(keyed && { headers: keyHeader }),
      ...(body && { body: { required: true, ...json(body) } }),
    },
    responses: {
      [success]: {
        description: 'done',
        ...(answer && json(answer)),
        ...(streamed && { content: { 'text/event-stream': { schema: streamed } } }),
      },
      ...problems(400, 404, 409, 413, 422, 503),
      ...(asks !== 'nothing' && refusalsOf(services, asks)),
      ...more,
    },
  });
  routes.openAPIRegistry.registerPath(route);
  routes.on(method.toUpperCase(), route.getRoutingPath(), async (c) =>
    respond(c, asks === 'nothing' ? stranger : await permittedCaller(services, c, asks)),
  );
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

/** Answers 204, or throws the 404 where `remove` has found nothing. */
export async function answerDeleted(c: Context, what: string, id: string, remove: () => Promise<boolean>) {
  found((await write(remove)) || undefined, what, id);
  return c.body(null, 204);
}

export const write = <T>(call: () => Promise<T>): Promise<T> => askDatabase(call, writeTimeoutMs);
