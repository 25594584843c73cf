import { and, asc, eq, inArray, isNull, lt, lte, notExists, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database } from './database.ts';
import { sagaOutbox } from './schema.ts';

export type OutboxEvent = typeof sagaOutbox.$inferSelect;

/** So long an event is in the hands of who took it; then it is taken again, which the guard makes harmless. */
const lease = sql`now() + interval '10 seconds'`;

/**
 * Takes events that are due: of each saga the first that is not sent, so that they arrive in their order. What has waited
 * longest goes first, so that what fails again and again lets others have their turn.
 */
export async function takeEvents({ query }: Database, limit: number): Promise<OutboxEvent[]> {
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
export async function markSent({ query }: Database, id: number): Promise<void> {
  await query.update(sagaOutbox).set({ sentAt: sql`now()`, error: null }).where(eq(sagaOutbox.id, id));
}

interface Failure {
  error: string;
  /** Milliseconds until it may be taken again. */
  againInMs: number;
  /** Unless it was not the event's fault. */
  counts: boolean;
}

export async function postpone({ query }: Database, id: number, failure: Failure): Promise<void> {
  await query
    .update(sagaOutbox)
    .set({
      error: failure.error,
      dueAt: sql`now() + make_interval(secs => ${failure.againInMs / 1_000})`,
      ...(!failure.counts && { attempts: sql`${sagaOutbox.attempts} - 1` }),
    })
    .where(eq(sagaOutbox.id, id));
}

/** Nobody takes it again until it is released. The later events of its saga wait. */
export async function park({ query }: Database, id: number, error: string): Promise<void> {
  await query.update(sagaOutbox).set({ error, parkedAt: sql`now()` }).where(eq(sagaOutbox.id, id));
}
