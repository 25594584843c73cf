import { createRoute } from '@hono/zod-openapi';
import { asks, refusalsOf, securityOf } from './access.ts';
import { describeSaga, findSaga } from './find-saga.ts';
import { problems, router } from './router.ts';
import { sagaPath, sagaSchema } from './schemas.ts';
import type { Services } from './services.ts';

const route = (services: Services) =>
  createRoute({
    method: 'get',
    path: '/sagas/{id}',
    ...securityOf(services, 'read'),
    summary: 'A saga: its state, errors and timeline; needs no worker',
    middleware: [asks(services, 'read')] as const,
    request: { params: sagaPath },
    responses: {
      200: { description: 'the saga', content: { 'application/json': { schema: sagaSchema } } },
      ...problems(400, 404, 429, 503),
      ...refusalsOf(services, 'read'),
    },
  });

export const getSagaRoutes = (services: Services) =>
  router().openapi(route(services), async (c) => {
    const saga = await findSaga(services, c.req.valid('param').id, c.var.caller, 'read');
    return c.json(await describeSaga(services, saga), 200);
  });
