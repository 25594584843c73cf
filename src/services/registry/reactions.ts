import { and, asc, eq, inArray, isNull, notInArray, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../../guard/database.ts';
import { type Failure, failed, isDue, succeeded, taken } from '../../guard/due.ts';
import { isAmong } from '../../guard/is-among.ts';
import type { SagaEvent } from './append-event.ts';
import { isOfEvent, reaction, sagaEvent } from './schema.ts';

export interface DueReaction {
  id: number;
  name: string;
  attempts: number;
  event: SagaEvent;
}

/** After the lease another relay takes the reaction. */
const leaseSeconds = 30;

/** Reactions of one name, or of all names except those. */
export type Which = { named: string } | { notNamed: readonly string[] };

/** The longest due come first, so that reactions that keep failing do not starve others. */
export async function takeReactions(
  { query }: Database,
  which: Which,
  limit: number,
): Promise<DueReaction[]> {
  const isWanted =
    'named' in which ? eq(reaction.name, which.named) : notInArray(reaction.name, [...which.notNamed]);
  const due = query.$with('due').as(
    query
      .select({ id: reaction.id })
      .from(reaction)
      .where(and(isWanted, isNull(reaction.doneAt), isDue(reaction)))
      .orderBy(asc(reaction.dueAt), asc(reaction.id))
      .limit(limit)
      .for('update', { skipLocked: true }),
  );
  const updated = await query
    .with(due)
    .update(reaction)
    .set(taken(reaction, leaseSeconds))
    .where(inArray(reaction.id, query.select({ id: due.id }).from(due)))
    .returning({ id: reaction.id });
  if (updated.length === 0) return [];
  const ids = updated.map(({ id }) => id);
  const { id, name, attempts } = reaction;
  return query
    .select({ id, name, attempts, event: sagaEvent })
    .from(reaction)
    .innerJoin(sagaEvent, isOfEvent)
    .where(isAmong(id, ids))
    .orderBy(asc(id));
}

/** Call it in the transaction of the effect, if there is one. Returns false if the reaction is done already. */
export async function markDone(tx: Pick<Transaction, 'update'>, id: number): Promise<boolean> {
  const { count } = await tx
    .update(reaction)
    .set({ doneAt: sql`now()`, ...succeeded })
    .where(and(eq(reaction.id, id), isNull(reaction.doneAt)));
  return count === 1;
}

/** Schedules the next attempt, unless the reaction was taken again or done meanwhile. */
export async function postponeReaction(
  { query }: Database,
  { id, attempts }: Pick<DueReaction, 'id' | 'attempts'>,
  failure: Failure,
): Promise<void> {
  await query
    .update(reaction)
    .set(failed(reaction, failure))
    .where(and(eq(reaction.id, id), eq(reaction.attempts, attempts), isNull(reaction.doneAt)));
}
