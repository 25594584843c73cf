import { and, asc, eq, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { choreography } from './schema.ts';

/** Choreographed sagas that have been compensating since before `since`, of which nobody has been told. */
export function compensatingSince({ query }: Database, since: Date, limit: number) {
  const { sagaId, step, compensatingSince, endedAt, alertedAt } = choreography;
  return query
    .select({ sagaId, step, since: compensatingSince })
    .from(choreography)
    .where(
      and(isNull(endedAt), isNull(alertedAt), isNotNull(compensatingSince), lt(compensatingSince, since)),
    )
    .orderBy(asc(sagaId))
    .limit(limit);
}

export async function markAlerted({ query }: Database, id: string): Promise<void> {
  await query.update(choreography).set({ alertedAt: sql`now()` }).where(eq(choreography.sagaId, id));
}
