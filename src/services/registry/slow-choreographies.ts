import { and, asc, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { choreography } from './schema.ts';

/**
 * Choreographed sagas without an alert that have been compensating, or without events, since before `since`. Parking has
 * an alert of its own.
 */
export function slowSince({ query }: Database, since: Date, limit: number) {
  const { sagaId, seq, step, compensatingSince, at, endedAt, alertedAt, parkedAt } = choreography;
  const standsStill = and(lt(at, since), isNull(parkedAt));
  return query
    .select({ sagaId, seq, step, compensatingSince, at })
    .from(choreography)
    .where(and(isNull(endedAt), isNull(alertedAt), or(lt(compensatingSince, since), standsStill)))
    .orderBy(asc(sagaId))
    .limit(limit);
}

/** Does nothing if the saga has a newer event. */
export async function markAlerted({ query }: Database, id: string, seq: number): Promise<void> {
  await query
    .update(choreography)
    .set({ alertedAt: sql`now()` })
    .where(and(eq(choreography.sagaId, id), eq(choreography.seq, seq)));
}
