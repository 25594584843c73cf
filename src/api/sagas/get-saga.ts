import type { ApiContext } from '../context.ts';
import { problems } from '../http/problem-responses.ts';
import { pathId } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { authorizedSaga, describeSaga } from './find-saga.ts';
import { sagaSchema } from './schemas.ts';

export function getSagaRoutes(context: ApiContext) {
  const { routes, get } = jsonRoutes(context, 'sagas');
  const summary = 'A saga: its state, errors and timeline; needs no worker';
  get(
    '/sagas/{id}',
    { access: 'read', operation: 'getSaga', summary, response: sagaSchema, more: problems(429) },
    async (c, caller) => {
      const saga = await authorizedSaga(context, pathId(c), caller, 'read');
      return c.json(await describeSaga(context, saga));
    },
  );
  return routes;
}
