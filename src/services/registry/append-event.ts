import { and, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../../guard/database.ts';
import type { OutboxEvent } from '../../guard/outbox-take.ts';
import type { SagaState } from '../../saga/state.ts';
import { reactionChannel, sagaChannel } from './channels.ts';
import { choreography, reaction, saga, sagaEvent } from './schema.ts';

export type SagaEvent = typeof sagaEvent.$inferSelect;

/** An event of a service's outbox as the registry stores it. */
export function keptEvent(service: string, event: OutboxEvent): SagaEvent {
  const { id, sagaId, eventType: type, payload, step, op, seq, context, attempt, createdAt: at } = event;
  return { service, id, sagaId, type, payload, step, op, seq, context, attempt, at };
}

/** A choreographed saga after an event. */
export interface Standing {
  seq: number;
  state: SagaState;
  step: string;
  endedAt: Date | null;
}

/** Stores a delivered event, once, with its saga's standing and its reactions. */
export async function appendEvent(
  database: Database,
  event: SagaEvent,
  { standing, reactions }: { standing: Standing | undefined; reactions: readonly string[] },
): Promise<void> {
  await database.transaction(async (tx) => {
    const { count } = await tx.insert(sagaEvent).values(event).onConflictDoNothing();
    if (standing && count > 0) await storeStanding(tx, event, standing);
    const { service, id: eventId } = event;
    // An older relay may have stored the event with fewer reactions.
    if (reactions.length > 0)
      await tx
        .insert(reaction)
        .values(reactions.map((name) => ({ service, eventId, name })))
        .onConflictDoNothing();
  });
  if (standing) database.notify(sagaChannel, event.sagaId);
  if (reactions.length > 0) database.notify(reactionChannel);
}

async function storeStanding(tx: Transaction, { sagaId, at }: SagaEvent, standing: Standing) {
  await tx
    .update(saga)
    .set({ startedAt: sql`now()` })
    .where(and(eq(saga.id, sagaId), isNull(saga.startedAt)));
  const createdAt = sql`(select ${saga.createdAt} from ${saga} where ${eq(saga.id, sagaId)})`;
  const compensatingSince = standing.state === 'compensating' ? at : null;
  const isNewer = lt(choreography.seq, standing.seq);
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
        // Slow compensation alerts once, missing progress each time.
        alertedAt: sql`case when ${choreography.compensatingSince} is not null then ${choreography.alertedAt} end`,
        compensatingSince: sql`coalesce(${choreography.compensatingSince}, excluded.compensating_since)`,
      },
      setWhere: isNewer,
    });
}
