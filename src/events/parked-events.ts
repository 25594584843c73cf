import { and, asc, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Database } from '../guard/database.ts';
import { released } from '../guard/due.ts';
import { outboxChannel } from '../guard/outbox.ts';
import { sagaOutbox } from '../guard/schema.ts';
import { markReleased } from '../services/registry/mark-released.ts';

/** Of one service, oldest first. */
export function listParkedEvents({ query }: Database, limit: number) {
  const { id, sagaId, eventType: type, attempts, error, parkedAt, sentAt } = sagaOutbox;
  return query
    .select({ id, sagaId, type, attempts, error, parkedAt })
    .from(sagaOutbox)
    .where(and(isNotNull(parkedAt), isNull(sentAt)))
    .limit(limit)
    .orderBy(asc(id));
}

/** Makes it due now. Returns false if it is not parked. */
export async function releaseEvent(database: Database, registry: Database, id: number): Promise<boolean> {
  const isParked = and(eq(sagaOutbox.id, id), isNotNull(sagaOutbox.parkedAt));
  const [event] = await database.query.select().from(sagaOutbox).where(isParked);
  if (!event) return false;
  const { count } = await database.query.update(sagaOutbox).set(released(sagaOutbox)).where(isParked);
  if (count === 0) return false;
  // A failure here only leaves the saga shown as parked until its next event.
  if (event.seq !== null) await markReleased(registry, event.sagaId, event.attempts);
  await database.query.execute(sql`select pg_notify(${outboxChannel}, '')`);
  return true;
}
