import { z } from 'zod';
import { sagaStates } from '../../saga/state.ts';
import { listSagas, type SagaRow } from '../../services/registry/list-sagas.ts';
import { sagaTypes } from '../../workflows/inputs.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { moment, pageQuery, readCursor, writeCursor } from '../http/cursor.ts';
import { problems } from '../http/problem-responses.ts';
import { readQuery } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { listedSagas, maxRounds } from './listed-sagas.ts';
import type { ListedSaga } from './schemas.ts';
import { sagaListSchema } from './schemas.ts';
import { searchOwnSagas } from './search-own-sagas.ts';
import { searchAllSagas } from './search-sagas.ts';

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
type Query = z.output<typeof query>;

export function listSagasRoutes(context: ApiContext) {
  const { routes, get } = jsonRoutes(context);
  get(
    '/sagas',
    {
      access: 'read',
      summary: 'Sagas, newest start first; with `state` or `step`, open ones first',
      description:
        'With `state` or `step`, a page has its open sagas first, then newest start first. Pages of ended sagas follow each ' +
        'other by their end: the last to end come first. A page may be short, also empty, while `next_cursor` is not null.',
      query,
      response: sagaListSchema,
      more: problems(429),
    },
    async (c, caller) => {
      const filter = readQuery(c, query);
      const filtered = filter.state !== undefined || filter.step !== undefined;
      const own = caller.role === 'customer' ? caller.id : undefined;
      return c.json(await (filtered ? byState : byStart)(context, filter, own));
    },
  );
  return routes;
}

const byState = (context: ApiContext, { cursor, limit, ...filter }: Query, caller?: string) =>
  caller === undefined
    ? searchAllSagas(context, filter, { cursor, limit })
    : searchOwnSagas(context, { caller, ...filter }, { cursor, limit });

/**
 * The registry knows the order; Temporal and the events know the states. Skips requests whose saga never started: after
 * `maxRounds` the page is shorter.
 */
async function byStart(context: ApiContext, { cursor, limit, type }: Query, caller?: string) {
  const items: ListedSaga[] = [];
  let after = readCursor(startCursor, cursor);
  for (let round = 0; round < maxRounds; round++) {
    const from = after;
    const rows = await askDatabase(() =>
      listSagas(context.registry, { type, caller, limit: limit + 1, after: from }),
    );
    const sagas = rows.slice(0, limit);
    const known = await listedSagas(context, sagas);
    for (const saga of sagas) {
      const listed = known.get(saga.id) ?? notKnownYet(saga);
      if (listed) items.push(listed);
      after = { id: saga.id, createdAt: saga.createdAt };
      if (items.length === limit && saga !== rows.at(-1)) return { items, next_cursor: writeCursor(after) };
    }
    if (rows.length <= limit) return { items, next_cursor: null };
  }
  return { items, next_cursor: after ? writeCursor(after) : null };
}

/**
 * Temporal's index lags behind its history by a moment, and the relay may lag behind the events. An older request that
 * neither knows was never started.
 */
function notKnownYet({ id, type, mode, createdAt, startedAt }: SagaRow): ListedSaga | undefined {
  const begun = mode === 'choreographed' && startedAt !== null;
  if (!begun && Date.now() - createdAt.getTime() > 60_000) return undefined;
  const started_at = createdAt.toISOString();
  return { saga_id: id, type, state: 'running', step: null, started_at, ended_at: null };
}

const startCursor = z.strictObject({ id: z.guid(), createdAt: moment });
