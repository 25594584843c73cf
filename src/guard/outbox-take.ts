import { and, asc, eq, inArray, isNull, lt, lte, notExists, notInArray, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database } from './database.ts';
import { sagaOutbox } from './schema.ts';

export type OutboxEvent = typeof sagaOutbox.$inferSelect;

/** So long an event is in the hands of who took it; then it is taken again, which the guard makes harmless. */
const lease = sql`now() + interval '20 seconds'`;

/** What one taking of an event may still say of it: nothing when it was taken again meanwhile. */
type Taken = Pick<OutboxEvent, 'id' | 'attempts'>;
const isStill = ({ id, attempts }: Taken) =>
  and(eq(sagaOutbox.id, id), eq(sagaOutbox.attempts, attempts), isNull(sagaOutbox.sentAt));

/** Of these types, or of all others. */
export type WhichEvents = { of: readonly string[] } | { notOf: readonly string[] };

/**
 * Takes events that are due: of each saga the first that is not sent, so that they arrive in their order. What has waited
 * longest goes first, so that what fails again and again lets others have their turn.
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
          isNull(sagaOutbox.parkedAt),
          lte(sagaOutbox.dueAt, sql`now()`),
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
    .set({ attempts: sql`${sagaOutbox.attempts} + 1`, dueAt: lease })
    .where(inArray(sagaOutbox.id, query.select({ id: due.id }).from(due)))
    .returning();
}

/** All who subscribe have taken it. */
export async function markSent({ query }: Database, { id }: Taken): Promise<void> {
  await query
    .update(sagaOutbox)
    .set({ sentAt: sql`now()`, error: null, parkedAt: null })
    .where(eq(sagaOutbox.id, id));
}

export interface Failure {
  error: string;
  /** Milliseconds until it may be taken again. */
  againInMs: number;
  /** Unless it was not the event's fault. */
  counts: boolean;
  /** Nobody takes it again until it is released. The later events of its saga wait. */
  park: boolean;
}

/** Answers whether it was still in these hands. */
export async function giveBack(
  { query }: Database,
  taken: Taken,
  { error, againInMs, counts, park }: Failure,
): Promise<boolean> {
  const given = await query
    .update(sagaOutbox)
    .set({
      error,
      dueAt: sql`now() + make_interval(secs => ${againInMs / 1_000})`,
      ...(!counts && { attempts: sql`${sagaOutbox.attempts} - 1` }),
      ...(park && { parkedAt: sql`now()` }),
    })
    .where(isStill(taken))
    .returning({ id: sagaOutbox.id });
  return given.length === 1;
}
