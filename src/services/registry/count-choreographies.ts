import { isNull, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { choreography } from './schema.ts';
import { shownState } from './shown-state.ts';

/** Open choreographed sagas by state, and the start of the longest compensation. */
export async function countChoreographies({ query }: Database) {
  const rows = await query
    .select({
      state: shownState,
      count: sql<number>`count(*)::int`,
      since: sql<
        string | null
      >`min(${choreography.compensatingSince}) filter (where ${choreography.parkedAt} is null)`,
    })
    .from(choreography)
    .where(isNull(choreography.endedAt))
    .groupBy(shownState);
  const compensating = rows.find((row) => row.state === 'compensating');
  return {
    counts: new Map<string, number>(rows.map((row) => [row.state, row.count])),
    compensatingSince: compensating?.since ? new Date(compensating.since) : undefined,
  };
}
