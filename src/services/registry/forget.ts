import { and, asc, eq, exists, gt, isNotNull, isNull, lt, notExists, or, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { isAmong } from '../../guard/is-among.ts';
import { nextAfter, type Page } from '../../guard/outbox-forget.ts';
import type { SagaRow } from './list-sagas.ts';
import { choreography, forgottenSaga, isOfEvent, reaction, saga, sagaEvent } from './schema.ts';

export type OldSaga = Pick<SagaRow, 'id' | 'type' | 'mode' | 'createdAt'>;

/**
 * Sagas requested before `before`, oldest first. Omits sagas with open reactions, sagas with a key that are not marked as
 * started (a resend may finish the start), and choreographed sagas that had not ended by then.
 */
export function oldSagas(
  { query }: Database,
  before: Date,
  { after, limit }: { after: OldSaga | undefined; limit: number },
): Promise<OldSaga[]> {
  const { id, type, mode, key, createdAt, startedAt } = saga;
  const openReactions = query
    .select({ one: sql`1` })
    .from(sagaEvent)
    .innerJoin(reaction, isOfEvent)
    .where(and(eq(sagaEvent.sagaId, id), isNull(reaction.doneAt)));
  const neverBegan = and(isNull(startedAt), isNull(choreography.sagaId));
  return query
    .select({ id, type, mode, createdAt })
    .from(saga)
    .leftJoin(choreography, eq(choreography.sagaId, id))
    .where(
      and(
        lt(createdAt, before),
        or(isNotNull(startedAt), isNull(key)),
        or(eq(mode, 'orchestrated'), lt(choreography.endedAt, before), neverBegan),
        notExists(openReactions),
        after && sql`(${createdAt}, ${id}) > (${after.createdAt.toISOString()}, ${after.id})`,
      ),
    )
    .orderBy(asc(createdAt), asc(id))
    .limit(limit);
}

/** Deletes the sagas with their keys, events and reactions; keeps their ids. Returns their number. */
export async function forgetSagas(database: Database, ids: string[]): Promise<number> {
  return database.transaction(async (tx) => {
    const events = tx
      .select({ one: sql`1` })
      .from(sagaEvent)
      .where(and(isOfEvent, isAmong(sagaEvent.sagaId, ids)));
    await tx.delete(reaction).where(exists(events));
    await tx.delete(sagaEvent).where(isAmong(sagaEvent.sagaId, ids));
    await tx.delete(choreography).where(isAmong(choreography.sagaId, ids));
    const gone = await tx.execute(sql`
      with gone as (delete from ${saga} where ${isAmong(saga.id, ids)} returning id),
        left_over as (insert into ${forgottenSaga} select id from gone on conflict do nothing)
      select id from gone`);
    return gone.length;
  });
}

/** A service's events before `before` that belong to no choreographed saga and have no open reactions. */
export async function oldEvents(
  { query }: Database,
  service: string,
  before: Date,
  page: Page,
): Promise<{ ids: number[]; next: number | null }> {
  const { id, at, seq } = sagaEvent;
  const openReactions = query
    .select({ one: sql`1` })
    .from(reaction)
    .where(and(isOfEvent, isNull(reaction.doneAt)));
  const rows = await query
    .select({ id, at, isDone: sql<boolean>`${notExists(openReactions)}` })
    .from(sagaEvent)
    .where(and(eq(sagaEvent.service, service), isNull(seq), gt(id, page.after)))
    .orderBy(asc(id))
    .limit(page.limit);
  const old = rows.filter((event) => event.at < before && event.isDone);
  return {
    ids: old.map((event) => event.id),
    next: nextAfter(rows, page, (event) => event.at >= before),
  };
}

/** Deletes the events and their reactions. */
export async function forgetEvents(database: Database, service: string, ids: number[]): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.delete(reaction).where(and(eq(reaction.service, service), isAmong(reaction.eventId, ids)));
    await tx.delete(sagaEvent).where(and(eq(sagaEvent.service, service), isAmong(sagaEvent.id, ids)));
  });
}
