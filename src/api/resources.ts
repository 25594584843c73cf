import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context, Handler } from 'hono';
import { z } from 'zod';
import { plainText } from '../saga/text.ts';
import { invalid, Problem } from './problem.ts';
import { problems } from './router.ts';
import { askDatabase } from './services.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** For clients of the replaced systems: the body as JSON, whatever its content type says. Throws the 400. */
async function readJson(c: Context): Promise<unknown> {
  const bytes = await c.req.arrayBuffer();
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new Problem(400, 'the body is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'the body is not valid JSON');
  }
}

/** As JSON that `schema` accepts; a field that is null, or an empty choice, is absent. Throws the 400 or the 422. */
export async function readResource<S extends z.ZodType>(c: Context, schema: S): Promise<z.input<S>> {
  const json = await readJson(c);
  const parsed = schema.safeParse(withoutAbsent(json));
  if (!parsed.success) throw invalid(parsed.error);
  return z.encode(schema, parsed.data);
}

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

const key = plainText(255);

/** Throws the 422. */
export function idempotencyKey(c: Context): string | undefined {
  const given = c.req.header('idempotency-key');
  if (given === undefined) return undefined;
  const parsed = key.safeParse(given);
  if (!parsed.success) throw new Problem(422, 'Idempotency-Key must be 1 to 255 characters of text');
  return parsed.data;
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
  /** Asks for an account's access token. */
  secured?: boolean;
  /** Further answers. */
  more?: Record<number, { description: string; content?: object }>;
}

const successes = { get: 200, put: 200, post: 201, delete: 204 } as const;

/** Mounts a route of a replaced system: described in the document, and its body read whatever its type. */
export function mount(routes: OpenAPIHono, described: Described, handler: Handler) {
  const { method, path, summary, query, body, answer, streamed, more, secured = false } = described;
  const { success = successes[method], keyed = method === 'post' } = described;
  const names = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
  const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });
  const route = createRoute({
    method,
    path,
    summary,
    ...(secured && { security: [{ account: [] }] }),
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
      ...(secured && problems(401)),
      ...more,
    },
  });
  routes.openAPIRegistry.registerPath(route);
  routes.on(method.toUpperCase(), route.getRoutingPath(), handler);
}

const keyHeader = z.object({
  'idempotency-key': key
    .optional()
    .meta({ description: 'The same key and body get the same answer, however often they are sent' }),
});

/** Longer than a transaction may wait and take: what is answered with a 503 was not done, as far as anybody knows. */
const writeTimeoutMs = 10_000;

export const write = <T>(call: () => Promise<T>): Promise<T> => askDatabase(call, writeTimeoutMs);
