import { z } from 'zod';
import { listSagas, type SagaRow } from '../../services/registry/list-sagas.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { moment, type PageQuery, readCursor, writeCursor } from '../http/cursor.ts';
import type { ListedSaga } from '../sagas/schemas.ts';
import { maxRounds, sagasByIds } from './by-ids.ts';

interface Filter {
  type: string | undefined;
  caller: string | undefined;
}

/**
 * A page of sagas, or of the caller's, newest start first. The registry knows the order; Temporal and the events know the
 * states. Skips requests whose saga never started: after `maxRounds` the page is shorter.
 */
export async function listByStart(
  context: ApiContext,
  { type, caller }: Filter,
  { cursor, limit }: PageQuery,
) {
  const items: ListedSaga[] = [];
  let after = readCursor(startCursor, cursor);
  for (let round = 0; round < maxRounds; round++) {
    const from = after;
    const rows = await askDatabase(() =>
      listSagas(context.registry, { type, caller, limit: limit + 1, after: from }),
    );
    const sagas = rows.slice(0, limit);
    const known = await sagasByIds(context, sagas);
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
