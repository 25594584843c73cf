import { and, asc, gt, gte, isNull, or, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { isAmong } from './is-among.ts';
import { sagaOutbox, sagaOutboxForgotten } from './schema.ts';

/** A page of rows, by their ids. */
export interface Page {
  after: number;
  limit: number;
}

/**
 * After which id the page that follows this one begins; null where nothing old can follow. Ids grow with time, so no
 * index by time is needed.
 */
export function nextAfter<Row extends { id: number }>(
  rows: readonly Row[],
  { limit }: Page,
  isYoung: (row: Row) => boolean,
): number | null {
  const isLast = rows.length < limit || rows.some(isYoung);
  return isLast ? null : (rows.at(-1)?.id ?? null);
}

/**
 * Deletes the events of a page that all who subscribe had taken before then; `count` of them. In the same statement the
 * audit is told of which time they are.
 */
export async function forgetSent(
  { query }: Database,
  before: Date,
  page: Page,
): Promise<{ count: number; next: number | null }> {
  const { id, createdAt, sentAt } = sagaOutbox;
  const rows = await query
    .select({ id, createdAt, sentAt })
    .from(sagaOutbox)
    .where(gt(id, page.after))
    .orderBy(asc(id))
    .limit(page.limit);
  const old = rows.filter((event) => event.sentAt !== null && event.sentAt < before).map((event) => event.id);
  if (old.length > 0)
    await query.execute(sql`
      with gone as (delete from ${sagaOutbox} where ${isAmong(id, old)} returning created_at)
      insert into ${sagaOutboxForgotten} (until) select max(created_at) from gone having count(*) > 0
      on conflict (one) do update set until = greatest(${sagaOutboxForgotten}.until, excluded.until)`);
  return { count: old.length, next: nextAfter(rows, page, (event) => event.createdAt >= before) };
}

/** Whoever took it before then has long passed it on, or never will. */
const isUnsentSince = (before: Date) => or(isNull(sagaOutbox.sentAt), gte(sagaOutbox.sentAt, before));

/** Those of these sagas of which something was not sent before then. */
export async function unsentSagas({ query }: Database, ids: string[], before: Date): Promise<string[]> {
  const rows = await query
    .selectDistinct({ id: sagaOutbox.sagaId })
    .from(sagaOutbox)
    .where(and(isAmong(sagaOutbox.sagaId, ids), isUnsentSince(before)));
  return rows.map(({ id }) => id);
}

/** Those of these events that were not sent before then. */
export async function unsentEvents({ query }: Database, ids: number[], before: Date): Promise<number[]> {
  const rows = await query
    .select({ id: sagaOutbox.id })
    .from(sagaOutbox)
    .where(and(isAmong(sagaOutbox.id, ids), isUnsentSince(before)));
  return rows.map(({ id }) => id);
}
