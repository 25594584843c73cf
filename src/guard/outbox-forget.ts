import { and, asc, gt, gte, isNull, or, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { isAmong } from './is-among.ts';
import { sagaOutbox, sagaOutboxForgotten } from './schema.ts';

export interface Page {
  after: number;
  limit: number;
}

/** The `after` of the next page; null if no old row can follow. Ids grow with time, so no index by time is needed. */
export function nextAfter<Row extends { id: number }>(
  rows: readonly Row[],
  { limit }: Page,
  isYoung: (row: Row) => boolean,
): number | null {
  const isLast = rows.length < limit || rows.some(isYoung);
  return isLast ? null : (rows.at(-1)?.id ?? null);
}

/** Deletes the events of a page that were sent before `before`, and records for the audit how far deletion has come. */
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

/** A relay may still redeliver an event that was sent recently. */
const isUnsentSince = (before: Date) => or(isNull(sagaOutbox.sentAt), gte(sagaOutbox.sentAt, before));

/** The sagas with an event that was not sent before `before`. */
export async function unsentSagas({ query }: Database, ids: string[], before: Date): Promise<string[]> {
  const rows = await query
    .selectDistinct({ id: sagaOutbox.sagaId })
    .from(sagaOutbox)
    .where(and(isAmong(sagaOutbox.sagaId, ids), isUnsentSince(before)));
  return rows.map(({ id }) => id);
}

/** The events that were not sent before `before`. */
export async function unsentEvents({ query }: Database, ids: number[], before: Date): Promise<number[]> {
  const rows = await query
    .select({ id: sagaOutbox.id })
    .from(sagaOutbox)
    .where(and(isAmong(sagaOutbox.id, ids), isUnsentSince(before)));
  return rows.map(({ id }) => id);
}
