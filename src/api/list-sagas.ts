import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { sagaStates } from '../saga/state.ts';
import { listSagas } from '../services/registry/list-sagas.ts';
import { sagaTypes } from '../workflows/contracts.ts';
import { asks, refusalsOf, securityOf } from './access.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { searchOwnSagas } from './own-sagas.ts';
import { problems, router } from './router.ts';
import { sagaListSchema } from './schemas.ts';
import { askDatabase, type Services } from './services.ts';
import { type ListedSaga, sagaQuery, sagasById, searchSagas } from './visibility.ts';

const query = z.strictObject({
  type: z.enum(sagaTypes).optional(),
  state: z.enum(sagaStates).optional(),
  step: z
    .string()
    .regex(/^[a-z][a-z0-9-]*(#\d+)?$/, 'must be the name of a step, such as book-loan')
    .max(100)
    .optional(),
  limit: z.coerce.number<string>().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
});
type Query = z.output<typeof query>;

const route = (services: Services) =>
  createRoute({
    method: 'get',
    path: '/sagas',
    summary: 'Sagas, newest start first; with `state` or `step`, open ones first',
    ...securityOf(services, 'read'),
    middleware: [asks(services, 'read')] as const,
    request: { query },
    responses: {
      200: { description: 'a page', content: { 'application/json': { schema: sagaListSchema } } },
      ...problems(422, 503),
      ...refusalsOf(services, 'read'),
    },
  });

export const listSagasRoutes = (services: Services) =>
  router().openapi(route(services), async (c) => {
    const asked = c.req.valid('query');
    const filtered = asked.state !== undefined || asked.step !== undefined;
    const { caller } = c.var;
    const own = caller.role === 'customer' ? caller.id : undefined;
    return c.json(await (filtered ? byState : byStart)(services, asked, own), 200);
  });

async function byState(services: Services, { cursor, limit, ...filter }: Query, caller?: string) {
  if (caller !== undefined) return searchOwnSagas(services, { caller, ...filter }, { cursor, limit });
  const token = cursor === undefined ? undefined : readCursor(tokenCursor, cursor).token;
  const { items, nextPageToken } = await searchSagas(services.temporal, sagaQuery(filter), {
    limit,
    token: token === undefined ? undefined : Buffer.from(token, 'base64'),
  });
  const next = nextPageToken && writeCursor({ token: Buffer.from(nextPageToken).toString('base64') });
  return { items, next_cursor: next ?? null };
}

/** The registry knows the order, Temporal the states. */
async function byStart({ registry, temporal }: Services, { cursor, limit, type }: Query, caller?: string) {
  const after = cursor === undefined ? undefined : readCursor(startCursor, cursor);
  const page = await askDatabase(() => listSagas(registry, { type, caller, limit: limit + 1, after }));
  const shown = page.slice(0, limit);
  const last = page.length > limit ? shown.at(-1) : undefined;
  const known = await sagasById(
    temporal,
    shown.map((saga) => ({ type: saga.type, sagaId: saga.id })),
  );
  const items = shown.flatMap(({ id, type, createdAt }) => known.get(id) ?? justStarted(id, type, createdAt));
  return { items, next_cursor: last ? writeCursor({ id: last.id, createdAt: last.createdAt }) : null };
}

/** Temporal's index lags behind its history by a moment; what is older and not there was never started. */
function justStarted(saga_id: string, type: string, at: Date): ListedSaga[] {
  if (Date.now() - at.getTime() > 60_000) return [];
  return [{ saga_id, type, state: 'running', step: null, started_at: at.toISOString(), ended_at: null }];
}

const tokenCursor = z.strictObject({ token: z.base64() });
const startCursor = z.strictObject({ id: z.uuid(), createdAt: z.coerce.date() });
