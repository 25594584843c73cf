import { and, asc, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { choreography } from './schema.ts';

/**
 * Choreographed sagas that have been compensating since before `since`, or of which nothing was heard since, and nobody
 * has been told.
 */
export function slowSince({ query }: Database, since: Date, limit: number) {
  const { sagaId, step, compensatingSince, at, endedAt, alertedAt } = choreography;
  return query
    .select({ sagaId, step, compensatingSince, at })
    .from(choreography)
    .where(and(isNull(endedAt), isNull(alertedAt), or(lt(compensatingSince, since), lt(at, since))))
    .orderBy(asc(sagaId))
    .limit(limit);
}

export async function markAlerted({ query }: Database, id: string): Promise<void> {
  await query.update(choreography).set({ alertedAt: sql`now()` }).where(eq(choreography.sagaId, id));
}
