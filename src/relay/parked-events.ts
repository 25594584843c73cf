import { and, asc, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Database } from '../guard/database.ts';
import { outboxChannel } from '../guard/outbox.ts';
import { sagaOutbox } from '../guard/schema.ts';
import { markReleased } from '../services/registry/mark-released.ts';

/** The first events of one service that nobody takes until they are released. */
export function listParkedEvents({ query }: Database, limit: number) {
  const { id, sagaId, eventType: type, attempts, error, parkedAt, sentAt } = sagaOutbox;
  return query
    .select({ id, sagaId, type, attempts, error, parkedAt })
    .from(sagaOutbox)
    .where(and(isNotNull(parkedAt), isNull(sentAt)))
    .limit(limit)
    .orderBy(asc(id));
}

/** Has it taken again, at once. Answers false where it is not parked. */
export async function releaseEvent(database: Database, registry: Database, id: number): Promise<boolean> {
  const isParked = and(eq(sagaOutbox.id, id), isNotNull(sagaOutbox.parkedAt));
  const [event] = await database.query.select().from(sagaOutbox).where(isParked);
  if (!event) return false;
  const released = await database.query
    .update(sagaOutbox)
    .set({ parkedAt: null, dueAt: sql`now()` })
    .where(isParked)
    .returning();
  if (released.length === 0) return false;
  // Unless a relay has parked it anew. Where this does not come about, the saga shows as parked until it goes on.
  if (event.seq !== null) await markReleased(registry, event.sagaId, event.attempts);
  await database.query.execute(sql`select pg_notify(${outboxChannel}, '')`);
  return true;
}
