import { and, asc, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { reactionChannel } from './append-event.ts';
import { isOfEvent, reaction, sagaEvent } from './schema.ts';

/** The first that nobody tries until they are released. */
export function listParkedReactions({ query }: Database, limit: number) {
  const { id, name, attempts, error, parkedAt, doneAt } = reaction;
  return query
    .select({ id, name, sagaId: sagaEvent.sagaId, type: sagaEvent.type, attempts, error, parkedAt })
    .from(reaction)
    .innerJoin(sagaEvent, isOfEvent)
    .where(and(isNotNull(parkedAt), isNull(doneAt)))
    .orderBy(asc(id))
    .limit(limit);
}

/** Has it tried again, at once. Answers false where it is not parked. */
export async function releaseReaction(database: Database, id: number): Promise<boolean> {
  return database.transaction(async (tx) => {
    const released = await tx
      .update(reaction)
      .set({ parkedAt: null, dueAt: sql`now()` })
      .where(and(eq(reaction.id, id), isNotNull(reaction.parkedAt)))
      .returning({ id: reaction.id });
    await tx.execute(sql`select pg_notify(${reactionChannel}, '')`);
    return released.length === 1;
  });
}
