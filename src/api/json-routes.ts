import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { type Access, authorizedCaller, refusalsOf, securityOf } from './accounts/access.ts';
import { anonymous, type Caller } from './accounts/identity.ts';
import type { ApiContext } from './context.ts';
import { otherProblems, problems } from './http/problem-responses.ts';
import { guid, keyHeader } from './http/read-request.ts';

interface Described {
  /** The method's name in generated clients. */
  operation: string;
  summary: string;
  description?: string;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** The content types of the body. Default: JSON. */
  types?: readonly string[];
  /** Of a success; absent with a 204. */
  response?: z.ZodType;
  /** Of each server-sent event, where the response is a stream of them. */
  streamed?: z.ZodType;
  /** Default: by method, see `successes`. */
  success?: 200 | 202;
  /** Whether an Idempotency-Key counts. Default: on a POST. */
  keyed?: boolean;
  /** Default: the Idempotency-Key, where it counts. */
  headers?: z.ZodObject;
  /** `nothing`: open to all callers; a token is ignored. */
  access: Access | 'nothing';
  /** The handler calls `authorize`, once it has found what the request names. */
  deferred?: boolean;
  more?: Record<number, { description: string; content?: object }>;
}

const located = z.object({ location: z.string().optional() });

const successes = { get: 200, put: 200, post: 201, delete: 204 } as const;
type Method = keyof typeof successes;

type Handler = (c: Context, caller: Caller) => Response | Promise<Response>;

/** Routes of the API, with their part of the OpenAPI document, in which `tag` groups them. */
export function jsonRoutes(context: ApiContext, tag: string) {
  const routes = new OpenAPIHono();

  const add = (method: Method) => (path: string, described: Described, handle: Handler) => {
    const { operation, summary, description, query, body, response, streamed, more, access, deferred } =
      described;
    const { success = successes[method], keyed = method === 'post' } = described;
    const { headers = keyed ? keyHeader : undefined, types = ['application/json'] } = described;
    const names = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
    const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });
    const route = createRoute({
      method,
      path,
      tags: [tag],
      operationId: operation,
      summary,
      ...(description && { description }),
      ...(access !== 'nothing' && securityOf(context, access)),
      request: {
        ...(names.length > 0 && { params: z.object(Object.fromEntries(names.map((name) => [name, guid]))) }),
        ...(query && { query }),
        ...(headers && { headers }),
        ...(body && {
          body: {
            required: true,
            content: Object.fromEntries(types.map((type) => [type, { schema: body }])),
          },
        }),
      },
      responses: {
        [success]: {
          description: success === 202 ? 'accepted' : 'done',
          ...(response && json(response)),
          ...(streamed && { content: { 'text/event-stream': { schema: streamed } } }),
          ...(method === 'post' && { headers: located }),
        },
        ...problems(404, 422, 503),
        ...(names.length > 0 || body ? problems(400) : {}),
        ...(method === 'get' ? {} : problems(409, 413)),
        ...(access !== 'nothing' && refusalsOf(context, access)),
        ...more,
        ...otherProblems,
      },
    });
    routes.openAPIRegistry.registerPath(route);
    routes.on(method.toUpperCase(), route.getRoutingPath(), async (c) =>
      handle(
        c,
        access === 'nothing' ? anonymous : await authorizedCaller(context, c, deferred ? 'read' : access),
      ),
    );
  };

  return { routes, get: add('get'), post: add('post'), put: add('put'), remove: add('delete') };
}
