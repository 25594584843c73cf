import { and, desc, eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { isAmong } from '../../guard/is-among.ts';
import type { SagaState } from '../../saga/state.ts';
import { choreography, saga } from './schema.ts';
import { shownState } from './shown-state.ts';

interface Search {
  type?: string | undefined;
  state?: SagaState | undefined;
  step?: string | undefined;
  ended: boolean;
  limit: number;
  /** The last saga of the page before, and its start or, of ended sagas, its end. */
  after?: { id: string; at: Date } | undefined;
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

/** Open choreographed sagas, newest start first; or ended ones, last end first. */
export function searchChoreographies({ query }: Database, search: Search) {
  const { type, state, step, ended, limit, after } = search;
  const at = ended ? choreography.endedAt : choreography.createdAt;
  const conditions: (SQL | undefined)[] = [
    ended ? isNotNull(choreography.endedAt) : isNull(choreography.endedAt),
    type === undefined ? undefined : eq(saga.type, type),
    step === undefined ? undefined : eq(choreography.step, step),
    state === undefined ? undefined : inState(state),
    after && sql`(${at}, ${choreography.sagaId}) < (${after.at.toISOString()}, ${after.id})`,
  ];
  return query
    .select(columns)
    .from(choreography)
    .innerJoin(saga, eq(saga.id, choreography.sagaId))
    .where(and(...conditions))
    .orderBy(desc(at), desc(choreography.sagaId))
    .limit(limit);
}

const inState = (state: SagaState) =>
  state === 'parked'
    ? isNotNull(choreography.parkedAt)
    : and(eq(choreography.state, state), isNull(choreography.parkedAt));
