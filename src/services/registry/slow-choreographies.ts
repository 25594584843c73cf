import { and, asc, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { choreography } from './schema.ts';

/**
 * Choreographed sagas that have been compensating since before `since`, or of which nothing was heard since, and nobody
 * has been told: of what is parked somebody has.
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

/** Unless it has gone on since. */
export async function markAlerted({ query }: Database, id: string, seq: number): Promise<void> {
  await query
    .update(choreography)
    .set({ alertedAt: sql`now()` })
    .where(and(eq(choreography.sagaId, id), eq(choreography.seq, seq)));
}
