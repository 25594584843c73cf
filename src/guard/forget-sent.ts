import { and, asc, gte, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { sagaOutbox, sagaOutboxForgotten } from './schema.ts';

/**
 * Deletes events that all who subscribe had taken before then, the oldest first, at most so many; answers how many. In
 * the same statement the audit is told of which time they are.
 */
export async function forgetSent({ query }: Database, before: Date, limit: number): Promise<number> {
  // Ids grow with time: beyond the first young one there is nothing to look for.
  const [young] = await query
    .select({ id: sagaOutbox.id })
    .from(sagaOutbox)
    .where(gte(sagaOutbox.createdAt, before))
    .orderBy(asc(sagaOutbox.id))
    .limit(1);
  const old = query
    .select({ id: sagaOutbox.id })
    .from(sagaOutbox)
    .where(and(lt(sagaOutbox.sentAt, before), young && lt(sagaOutbox.id, young.id)))
    .orderBy(asc(sagaOutbox.id))
    .limit(limit);
  const [gone] = await query.execute<{ events: number }>(sql`
    with gone as (delete from ${sagaOutbox} where id in (${old}) returning created_at),
      told as (
        insert into ${sagaOutboxForgotten} (until) select max(created_at) from gone having count(*) > 0
        on conflict (one) do update set until = greatest(${sagaOutboxForgotten}.until, excluded.until))
    select count(*)::int as events from gone`);
  return gone?.events ?? 0;
}

/** Those of these sagas of which something has not been sent yet. */
export async function unsentSagas({ query }: Database, sagaIds: string[]): Promise<Set<string>> {
  const rows = await query
    .selectDistinct({ sagaId: sagaOutbox.sagaId })
    .from(sagaOutbox)
    .where(and(inArray(sagaOutbox.sagaId, sagaIds), isNull(sagaOutbox.sentAt)));
  return new Set(rows.map(({ sagaId }) => sagaId));
}

/** Those of these events that have not been sent yet. */
export async function unsentEvents({ query }: Database, ids: number[]): Promise<Set<number>> {
  const rows = await query
    .select({ id: sagaOutbox.id })
    .from(sagaOutbox)
    .where(and(inArray(sagaOutbox.id, ids), isNull(sagaOutbox.sentAt)));
  return new Set(rows.map(({ id }) => id));
}
