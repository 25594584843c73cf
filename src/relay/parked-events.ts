import { and, asc, eq, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '../guard/database.ts';
import { outboxChannel } from '../guard/outbox.ts';
import { sagaOutbox } from '../guard/schema.ts';
import { markReleased } from '../services/registry/mark-released.ts';

/** The events of one service that nobody takes until they are released. */
export function listParkedEvents({ query }: Database) {
  const { id, sagaId, eventType: type, attempts, error, parkedAt } = sagaOutbox;
  return query
    .select({ id, sagaId, type, attempts, error, parkedAt })
    .from(sagaOutbox)
    .where(isNotNull(parkedAt))
    .orderBy(asc(id));
}

/** Has it taken again, at once. Answers false where it is not parked. */
export async function releaseEvent(database: Database, registry: Database, id: number): Promise<boolean> {
  const isParked = and(eq(sagaOutbox.id, id), isNotNull(sagaOutbox.parkedAt));
  const [event] = await database.query.select().from(sagaOutbox).where(isParked);
  if (!event) return false;
  // First, while no relay can have parked it anew.
  if (event.seq !== null) await markReleased(registry, event.sagaId, event.seq);
  return database.transaction(async (tx) => {
    const released = await tx
      .update(sagaOutbox)
      .set({ parkedAt: null, dueAt: sql`now()` })
      .where(isParked)
      .returning();
    await tx.execute(sql`select pg_notify(${outboxChannel}, '')`);
    return released.length === 1;
  });
}
