import { and, asc, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { released } from '../../guard/due.ts';
import { reactionChannel } from './channels.ts';
import { isOfEvent, reaction, sagaEvent } from './schema.ts';

/** Oldest first. */
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

/** Makes it due now. Returns false if it is not parked. */
export async function releaseReaction(database: Database, id: number): Promise<boolean> {
  return database.transaction(async (tx) => {
    const { count } = await tx
      .update(reaction)
      .set(released(reaction))
      .where(and(eq(reaction.id, id), isNotNull(reaction.parkedAt)));
    await tx.execute(sql`select pg_notify(${reactionChannel}, '')`);
    return count === 1;
  });
}
