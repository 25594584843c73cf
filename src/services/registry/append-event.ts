import { and, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../../guard/database.ts';
import type { SagaState } from '../../saga/state.ts';
import { reactionChannel, sagaChannel } from './channels.ts';
import { choreography, reaction, saga, sagaEvent } from './schema.ts';

export type SagaEvent = typeof sagaEvent.$inferSelect;

/** How its event leaves a choreographed saga. */
export interface Standing {
  seq: number;
  state: SagaState;
  step: string;
  endedAt: Date | null;
}

/** Keeps an event that a relay has brought, once: how its saga stands then, and what is to follow from it. */
export async function appendEvent(
  database: Database,
  event: SagaEvent,
  { standing, reactions }: { standing: Standing | undefined; reactions: readonly string[] },
): Promise<void> {
  await database.transaction(async (tx) => {
    const appended = await tx.insert(sagaEvent).values(event).onConflictDoNothing().returning();
    if (standing && appended.length > 0) await stand(tx, event, standing);
    const { service, id: eventId } = event;
    // A relay that kept it before may have been of a version that knew fewer of them.
    if (reactions.length > 0)
      await tx
        .insert(reaction)
        .values(reactions.map((name) => ({ service, eventId, name })))
        .onConflictDoNothing();
  });
  if (standing) database.notify(sagaChannel, event.sagaId);
  if (reactions.length > 0) database.notify(reactionChannel);
}

async function stand(tx: Transaction, { sagaId, at }: SagaEvent, standing: Standing) {
  await tx
    .update(saga)
    .set({ startedAt: sql`now()` })
    .where(and(eq(saga.id, sagaId), isNull(saga.startedAt)));
  const createdAt = sql`(select ${saga.createdAt} from ${saga} where ${eq(saga.id, sagaId)})`;
  const compensatingSince = standing.state === 'compensating' ? at : null;
  const isNews = lt(choreography.seq, standing.seq);
  await tx
    .insert(choreography)
    .values({ sagaId, createdAt, at, ...standing, compensatingSince })
    .onConflictDoUpdate({
      target: choreography.sagaId,
      set: {
        ...standing,
        at,
        attempt: null,
        error: null,
        parkedAt: null,
        // That it unwinds for too long is told once, that nothing has happened each time.
        alertedAt: sql`case when ${choreography.compensatingSince} is not null then ${choreography.alertedAt} end`,
        compensatingSince: sql`coalesce(${choreography.compensatingSince}, excluded.compensating_since)`,
      },
      setWhere: isNews,
    });
}
