import { and, asc, gt, gte, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { sagaOutbox, sagaOutboxForgotten } from './schema.ts';

/** What a page of old rows has come to. */
export interface ForgottenPage {
  /** How many were deleted. */
  count: number;
  /** After which id the next page begins; null: what follows is young. */
  next: number | null;
}

/**
 * Deletes the events of a page that all who subscribe had taken before then. In the same statement the audit is told of
 * which time they are. Ids grow with time, so no index by time is needed.
 */
export async function forgetSent(
  { query }: Database,
  before: Date,
  { after, limit }: { after: number; limit: number },
): Promise<ForgottenPage> {
  const { id, createdAt, sentAt } = sagaOutbox;
  const page = await query
    .select({ id, createdAt, sentAt })
    .from(sagaOutbox)
    .where(gt(id, after))
    .orderBy(asc(id))
    .limit(limit);
  const old = page.filter((event) => event.sentAt !== null && event.sentAt < before).map((event) => event.id);
  if (old.length > 0)
    await query.execute(sql`
      with gone as (delete from ${sagaOutbox} where ${inArray(id, old)} returning created_at)
      insert into ${sagaOutboxForgotten} (until) select max(created_at) from gone having count(*) > 0
      on conflict (one) do update set until = greatest(${sagaOutboxForgotten}.until, excluded.until)`);
  const isLast = page.length < limit || page.some((event) => event.createdAt >= before);
  return { count: old.length, next: isLast ? null : (page.at(-1)?.id ?? null) };
}

/** Whoever took it before then has long passed it on, or never will. */
const isUnsentSince = (before: Date) => or(isNull(sagaOutbox.sentAt), gte(sagaOutbox.sentAt, before));

/** Those of these sagas of which something was not sent before then. */
export async function unsentSagas({ query }: Database, ids: string[], before: Date): Promise<string[]> {
  const rows = await query
    .selectDistinct({ id: sagaOutbox.sagaId })
    .from(sagaOutbox)
    .where(and(inArray(sagaOutbox.sagaId, ids), isUnsentSince(before)));
  return rows.map(({ id }) => id);
}

/** Those of these events that were not sent before then. */
export async function unsentEvents({ query }: Database, ids: number[], before: Date): Promise<number[]> {
  const rows = await query
    .select({ id: sagaOutbox.id })
    .from(sagaOutbox)
    .where(and(inArray(sagaOutbox.id, ids), isUnsentSince(before)));
  return rows.map(({ id }) => id);
}
