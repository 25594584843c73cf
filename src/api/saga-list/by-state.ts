import { z } from 'zod';
import { creationTimes } from '../../services/registry/list-sagas.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { type PageQuery, readCursor, writeCursor } from '../http/cursor.ts';
import type { ListedSaga } from '../sagas/schemas.ts';
import { ChoreographedSagas, choreographedPlace } from './choreographed-sagas.ts';
import { OrchestratedSagas, orchestratedPlace } from './orchestrated-sagas.ts';
import type { Candidate, SagaFilter } from './visibility.ts';

/** Of each source: absent at its beginning, null at its end. */
const searchCursor = z.strictObject({
  orchestrated: orchestratedPlace.nullable().optional(),
  choreographed: choreographedPlace.nullable().optional(),
});

/** A page of all sagas by state and step. Temporal finds the orchestrated ones, the registry the choreographed ones. */
export async function listByState(context: ApiContext, filter: SagaFilter, { limit, cursor }: PageQuery) {
  const from = readCursor(searchCursor, cursor) ?? {};
  const orchestrated = new OrchestratedSagas(context.temporal, filter, from.orchestrated);
  const choreographed = new ChoreographedSagas(context.registry, filter, from.choreographed);
  const items: ListedSaga[] = [];
  for (;;) {
    const pageSize = Math.max(1, limit - items.length);
    const [one, other] = await Promise.all([orchestrated.peek(pageSize), choreographed.peek(pageSize)]);
    if (items.length === limit && (one || other)) break;
    if (one && (!other || precedes(one, other))) items.push(orchestrated.take(one));
    else if (other) items.push(choreographed.take(other));
    else return { items: await inOrder(context, items), next_cursor: null };
  }
  const places = { orchestrated: await orchestrated.place(), choreographed: choreographed.place() };
  return { items: await inOrder(context, items), next_cursor: writeCursor(places) };
}

function precedes(one: Candidate, other: Candidate): boolean {
  const isOpen = ({ saga }: Candidate) => saga.ended_at === null;
  return isOpen(one) === isOpen(other) ? one.at >= other.at : isOpen(one);
}

/** Temporal knows when the newest run of a saga started, and only the registry when the saga did. */
async function inOrder({ registry }: ApiContext, sagas: ListedSaga[]): Promise<ListedSaga[]> {
  const ids = sagas.map(({ saga_id }) => saga_id);
  const created = await askDatabase(() => creationTimes(registry, ids));
  return sagas
    .map((saga) => ({ ...saga, started_at: created.get(saga.saga_id)?.toISOString() ?? saga.started_at }))
    .sort(byStart);
}

/** Open ones first, newest start first. */
function byStart(one: ListedSaga, other: ListedSaga): number {
  const ended = Number(one.ended_at !== null) - Number(other.ended_at !== null);
  return ended || Date.parse(other.started_at) - Date.parse(one.started_at);
}
