import { and, asc, eq, inArray, isNull, lt, notExists, notInArray, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database } from './database.ts';
import { type Failure, failed, isDue, succeeded, taken } from './due.ts';
import { sagaOutbox } from './schema.ts';

export type OutboxEvent = typeof sagaOutbox.$inferSelect;

/** After the lease another relay takes the event; the guard makes that harmless. */
const leaseSeconds = 20;

/** The types of a group, or all types except those. */
export type WhichEvents = { of: readonly string[] } | { notOf: readonly string[] };

/**
 * Takes due events: of each saga only its first unsent one, to keep their order. The longest due come first, so that
 * events that keep failing do not starve others.
 */
export async function takeEvents(
  { query }: Database,
  which: WhichEvents,
  limit: number,
): Promise<OutboxEvent[]> {
  const earlier = alias(sagaOutbox, 'earlier');
  const unsentBefore = query
    .select({ id: earlier.id })
    .from(earlier)
    .where(and(eq(earlier.sagaId, sagaOutbox.sagaId), isNull(earlier.sentAt), lt(earlier.id, sagaOutbox.id)));
  const due = query.$with('due').as(
    query
      .select({ id: sagaOutbox.id })
      .from(sagaOutbox)
      .where(
        and(
          'of' in which
            ? inArray(sagaOutbox.eventType, [...which.of])
            : notInArray(sagaOutbox.eventType, [...which.notOf]),
          isNull(sagaOutbox.sentAt),
          isDue(sagaOutbox),
          notExists(unsentBefore),
        ),
      )
      .orderBy(asc(sagaOutbox.dueAt), asc(sagaOutbox.id))
      .limit(limit)
      .for('update', { skipLocked: true }),
  );
  return query
    .with(due)
    .update(sagaOutbox)
    .set(taken(sagaOutbox, leaseSeconds))
    .where(inArray(sagaOutbox.id, query.select({ id: due.id }).from(due)))
    .returning();
}

type Taken = Pick<OutboxEvent, 'id' | 'attempts'>;

export async function markSent({ query }: Database, { id }: Pick<Taken, 'id'>): Promise<void> {
  await query
    .update(sagaOutbox)
    .set({ sentAt: sql`now()`, ...succeeded })
    .where(eq(sagaOutbox.id, id));
}

/** Schedules the next attempt. Returns false if the event was taken again or sent meanwhile. */
export async function postponeEvent(
  { query }: Database,
  { id, attempts }: Taken,
  failure: Failure,
): Promise<boolean> {
  const isStillTaken = and(
    eq(sagaOutbox.id, id),
    eq(sagaOutbox.attempts, attempts),
    isNull(sagaOutbox.sentAt),
  );
  const { count } = await query.update(sagaOutbox).set(failed(sagaOutbox, failure)).where(isStillTaken);
  return count === 1;
}
