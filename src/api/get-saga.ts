import { createRoute } from '@hono/zod-openapi';
import { describeSaga, findSaga } from './find-saga.ts';
import { problems, router } from './router.ts';
import { sagaPath, sagaSchema } from './schemas.ts';
import type { Services } from './services.ts';

const route = createRoute({
  method: 'get',
  path: '/sagas/{id}',
  summary: 'A saga: its state, errors and timeline; needs no worker',
  request: { params: sagaPath },
  responses: {
    200: { description: 'the saga', content: { 'application/json': { schema: sagaSchema } } },
    ...problems(400, 404, 503),
  },
});

export const getSagaRoutes = (services: Services) =>
  router().openapi(route, async (c) => {
    const saga = await findSaga(services, c.req.valid('param').id);
    return c.json(await describeSaga(services, saga), 200);
  });
