import { z } from 'zod';
import { sagaStates } from '../../saga/state.ts';
import { sagaTypes } from '../../workflows/inputs.ts';
import type { ApiContext } from '../context.ts';
import { pageQuery } from '../http/cursor.ts';
import { problems } from '../http/problem-responses.ts';
import { readQuery } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { sagaListSchema } from '../sagas/schemas.ts';
import { listByStart } from './by-start.ts';
import { listByState } from './by-state.ts';
import { listOwnByState } from './own-by-state.ts';

const query = z.strictObject({
  type: z.enum(sagaTypes).optional(),
  state: z.enum(sagaStates).optional(),
  step: z
    .string()
    .regex(/^[a-z][a-z0-9-]*(#\d+)?$/, 'must be the name of a step, such as book-loan')
    .max(100)
    .optional(),
  ...pageQuery.shape,
});

export function listSagasRoutes(context: ApiContext) {
  const { routes, get } = jsonRoutes(context, 'sagas');
  get(
    '/sagas',
    {
      access: 'read',
      operation: 'listSagas',
      summary: 'Sagas, newest start first; with `state` or `step`, open ones first',
      description:
        'With `state` or `step`, a page has its open sagas first, then newest start first. Pages of ended sagas follow each ' +
        'other by their end: the last to end come first. A page may be short, also empty, while `next_cursor` is not null.',
      query,
      response: sagaListSchema,
      more: problems(429),
    },
    async (c, caller) => {
      const { cursor, limit, ...filter } = readQuery(c, query);
      const own = caller.role === 'customer' ? caller.id : undefined;
      const page = { cursor, limit };
      if (filter.state === undefined && filter.step === undefined)
        return c.json(await listByStart(context, { type: filter.type, caller: own }, page));
      if (own === undefined) return c.json(await listByState(context, filter, page));
      return c.json(await listOwnByState(context, { ...filter, caller: own }, page));
    },
  );
  return routes;
}
