import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { type SagaTypeName, sagaInputs, sagaTypes } from '../../workflows/inputs.ts';
import { refusalsOf, requireAccess, securityOf } from '../accounts/access.ts';
import type { ApiContext } from '../context.ts';
import { refuseOtherMethods } from '../http/other-methods.ts';
import { Problem } from '../http/problem.ts';
import { keyHeader } from '../http/read-request.ts';
import { jsonOnly, problems, router } from '../http/router.ts';
import { accessTo, authorizedInput } from './authorize-start.ts';
import { preferredWait, settledWithin } from './prefer-wait.ts';
import { sagaSchema, startedSchema } from './schemas.ts';
import { startSaga } from './start-saga.ts';

const headers = keyHeader.extend({
  prefer: z.string().optional().meta({
    description:
      '`wait=N`: respond with the whole saga once it has ended or waits, if that is within N ≤ 30 seconds',
    example: 'wait=10',
  }),
});

const startRoute = (context: ApiContext, type: SagaTypeName) =>
  createRoute({
    method: 'post',
    path: `/sagas/${type}`,
    summary: `Start a saga: ${type}`,
    ...securityOf(context, accessTo(type)),
    middleware: [requireAccess(context, accessTo(type)), jsonOnly] as const,
    request: {
      headers,
      body: { required: true, content: { 'application/json': { schema: sagaInputs[type] } } },
    },
    responses: {
      202: { description: 'accepted', content: { 'application/json': { schema: startedSchema } } },
      200: { description: 'ended, or waits', content: { 'application/json': { schema: sagaSchema } } },
      ...problems(400, 404, 413, 415, 422, 429, 503),
      ...refusalsOf(context, accessTo(type)),
    },
  });

/** One path per type, because each has its own schema. */
export function startRoutes(context: ApiContext) {
  const routes = router();
  for (const type of sagaTypes)
    routes.openapi(startRoute(context, type), async (c) => {
      const { caller } = c.var;
      const { 'idempotency-key': key, prefer } = c.req.valid('header');
      const schema: z.ZodType = sagaInputs[type];
      const given = z.encode(schema, c.req.valid('json'));
      const input = await authorizedInput(context, caller, { type, input: given });
      const started = await startSaga(context, { type, input, key, caller: caller.id });
      const location = started.links.self;
      const seconds = preferredWait(prefer);
      const saga = seconds > 0 ? await settledWithin(context, started, seconds) : undefined;
      if (saga) return c.json(saga, 200, { 'preference-applied': `wait=${seconds}`, location });
      return c.json(started, 202, { location });
    });
  // Before GET /sagas/{id} is added, which would take these types for ids.
  refuseOtherMethods(routes);
  return routes;
}

/** For a POST to an unknown type, or to a saga. */
export function unknownType(c: Context): never {
  const type = c.req.param('type');
  if (z.guid().safeParse(type).success)
    throw new Problem(405, 'POST is not possible here: use GET', { headers: { allow: 'GET, HEAD' } });
  throw new Problem(404, `there is no saga type ${type}: choose one of ${sagaTypes.join(', ')}`);
}
