import { createRoute } from '@hono/zod-openapi';
import { refusalsOf, requireAccess, securityOf } from '../accounts/access.ts';
import type { ApiContext } from '../context.ts';
import { problems, router } from '../http/router.ts';
import { authorizedSaga, describeSaga } from './find-saga.ts';
import { sagaPath, sagaSchema } from './schemas.ts';

const route = (context: ApiContext) =>
  createRoute({
    method: 'get',
    path: '/sagas/{id}',
    ...securityOf(context, 'read'),
    summary: 'A saga: its state, errors and timeline; needs no worker',
    middleware: [requireAccess(context, 'read')] as const,
    request: { params: sagaPath },
    responses: {
      200: { description: 'the saga', content: { 'application/json': { schema: sagaSchema } } },
      ...problems(400, 404, 429, 503),
      ...refusalsOf(context, 'read'),
    },
  });

export const getSagaRoutes = (context: ApiContext) =>
  router().openapi(route(context), async (c) => {
    const saga = await authorizedSaga(context, c.req.valid('param').id, c.var.caller, 'read');
    return c.json(await describeSaga(context, saga), 200);
  });
