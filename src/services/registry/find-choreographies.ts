import { and, desc, eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { isAmong } from '../../guard/is-among.ts';
import type { SagaState } from '../../saga/state.ts';
import { choreography, saga } from './schema.ts';
import { shownState } from './shown-state.ts';

interface Place {
  id: string;
  createdAt: Date;
}

interface Search {
  type?: string | undefined;
  state?: SagaState | undefined;
  step?: string | undefined;
  ended: boolean;
  limit: number;
  /** The last saga of the previous page. */
  after?: Place | undefined;
}

const columns = {
  id: saga.id,
  type: saga.type,
  createdAt: choreography.createdAt,
  state: shownState,
  step: choreography.step,
  endedAt: choreography.endedAt,
};

/** Omits sagas without events. */
export function choreographiesById({ query }: Database, ids: readonly string[]) {
  return query
    .select(columns)
    .from(choreography)
    .innerJoin(saga, eq(saga.id, choreography.sagaId))
    .where(isAmong(choreography.sagaId, ids));
}

/** Newest first. */
export function searchChoreographies({ query }: Database, search: Search) {
  const { type, state, step, ended, limit, after } = search;
  const conditions: (SQL | undefined)[] = [
    ended ? isNotNull(choreography.endedAt) : isNull(choreography.endedAt),
    type === undefined ? undefined : eq(saga.type, type),
    step === undefined ? undefined : eq(choreography.step, step),
    state === undefined ? undefined : inState(state),
    after &&
      sql`(${choreography.createdAt}, ${choreography.sagaId}) < (${after.createdAt.toISOString()}, ${after.id})`,
  ];
  return query
    .select(columns)
    .from(choreography)
    .innerJoin(saga, eq(saga.id, choreography.sagaId))
    .where(and(...conditions))
    .orderBy(desc(choreography.createdAt), desc(choreography.sagaId))
    .limit(limit);
}

const inState = (state: SagaState) =>
  state === 'parked'
    ? isNotNull(choreography.parkedAt)
    : and(eq(choreography.state, state), isNull(choreography.parkedAt));
