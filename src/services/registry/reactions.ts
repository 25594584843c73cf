import { and, asc, eq, inArray, isNull, lte, notInArray, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../../guard/database.ts';
import type { Failure } from '../../guard/deliveries.ts';
import { isAmong } from '../../guard/is-among.ts';
import type { SagaEvent } from './append-event.ts';
import { isOfEvent, reaction, sagaEvent } from './schema.ts';

export interface DueReaction {
  id: number;
  name: string;
  attempts: number;
  event: SagaEvent;
}

/** So long it is in the hands of who took it; then it is taken again. */
const lease = sql`now() + interval '30 seconds'`;

/** Those of one name, or all that have none of these. */
export type Which = { named: string } | { notNamed: readonly string[] };

/** Takes what is due, what has waited longest first: what fails again and again lets others have their turn. */
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
      .where(
        and(isWanted, isNull(reaction.doneAt), isNull(reaction.parkedAt), lte(reaction.dueAt, sql`now()`)),
      )
      .orderBy(asc(reaction.dueAt), asc(reaction.id))
      .limit(limit)
      .for('update', { skipLocked: true }),
  );
  const taken = await query
    .with(due)
    .update(reaction)
    .set({ attempts: sql`${reaction.attempts} + 1`, dueAt: lease })
    .where(inArray(reaction.id, query.select({ id: due.id }).from(due)))
    .returning({ id: reaction.id });
  if (taken.length === 0) return [];
  const ids = taken.map(({ id }) => id);
  const { id, name, attempts } = reaction;
  return query
    .select({ id, name, attempts, event: sagaEvent })
    .from(reaction)
    .innerJoin(sagaEvent, isOfEvent)
    .where(isAmong(id, ids))
    .orderBy(asc(id));
}

/** In the transaction of its effect, where it has one. Answers false where somebody else was first. */
export async function markDone(tx: Pick<Transaction, 'update'>, id: number): Promise<boolean> {
  const done = await tx
    .update(reaction)
    .set({ doneAt: sql`now()`, error: null, parkedAt: null })
    .where(and(eq(reaction.id, id), isNull(reaction.doneAt)))
    .returning({ id: reaction.id });
  return done.length === 1;
}

/** Tries again so many milliseconds later, or not until it is released; unless it was taken again, or done, meanwhile. */
export async function postponeReaction(
  { query }: Database,
  { id, attempts }: Pick<DueReaction, 'id' | 'attempts'>,
  { error, againInMs, counts, park }: Failure,
): Promise<void> {
  await query
    .update(reaction)
    .set({
      error,
      dueAt: sql`now() + make_interval(secs => ${againInMs / 1_000})`,
      ...(!counts && { attempts: sql`${reaction.attempts} - 1` }),
      ...(park && { parkedAt: sql`now()` }),
    })
    .where(and(eq(reaction.id, id), eq(reaction.attempts, attempts), isNull(reaction.doneAt)));
}
