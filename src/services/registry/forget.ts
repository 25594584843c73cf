import { and, asc, eq, gt, gte, inArray, isNotNull, isNull, lt, notExists, or, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { choreography, reaction, type SagaMode, saga, sagaEvent } from './schema.ts';

export interface OldSaga {
  id: string;
  type: string;
  mode: SagaMode;
  createdAt: Date;
}

/** How far a pass has come. */
type After = Pick<OldSaga, 'id' | 'createdAt'>;

const isEvent = and(eq(reaction.service, sagaEvent.service), eq(reaction.eventId, sagaEvent.id));

/**
 * Sagas that were asked for before then, the oldest first. Left out: those of which something is still to follow, those
 * that were never started, which a resend finishes, and choreographed ones that have not ended by then.
 */
export function oldSagas(
  { query }: Database,
  before: Date,
  { after, limit }: { after: After | undefined; limit: number },
): Promise<OldSaga[]> {
  const { id, type, mode, createdAt, startedAt } = saga;
  const toFollow = query
    .select({ one: sql`1` })
    .from(sagaEvent)
    .innerJoin(reaction, isEvent)
    .where(and(eq(sagaEvent.sagaId, id), isNull(reaction.doneAt)));
  return query
    .select({ id, type, mode, createdAt })
    .from(saga)
    .leftJoin(choreography, eq(choreography.sagaId, id))
    .where(
      and(
        lt(createdAt, before),
        isNotNull(startedAt),
        or(eq(mode, 'orchestrated'), lt(choreography.endedAt, before)),
        notExists(toFollow),
        after && sql`(${createdAt}, ${id}) > (${after.createdAt.toISOString()}, ${after.id})`,
      ),
    )
    .orderBy(asc(createdAt), asc(id))
    .limit(limit);
}

/** Their keys, their events and what has followed from these. */
export async function forgetSagas(database: Database, ids: string[]): Promise<void> {
  await database.transaction(async (tx) => {
    const events = tx
      .select({ one: sql`1` })
      .from(sagaEvent)
      .where(and(isEvent, inArray(sagaEvent.sagaId, ids)));
    await tx.delete(reaction).where(sql`exists ${events}`);
    await tx.delete(sagaEvent).where(inArray(sagaEvent.sagaId, ids));
    await tx.delete(choreography).where(inArray(choreography.sagaId, ids));
    await tx.delete(saga).where(inArray(saga.id, ids));
  });
}

/** Ids of a service's events from before then that are in no choreographed saga, and from which nothing is to follow. */
export async function oldEvents(
  { query }: Database,
  service: string,
  before: Date,
  { after, limit }: { after: number; limit: number },
): Promise<number[]> {
  const { id, at, seq } = sagaEvent;
  const ofService = eq(sagaEvent.service, service);
  // Ids grow with time: beyond the first young one there is nothing to look for.
  const [young] = await query
    .select({ id })
    .from(sagaEvent)
    .where(and(ofService, gte(at, before)))
    .orderBy(asc(id))
    .limit(1);
  const toFollow = query
    .select({ one: sql`1` })
    .from(reaction)
    .where(and(isEvent, isNull(reaction.doneAt)));
  const old = await query
    .select({ id })
    .from(sagaEvent)
    .where(
      and(
        ofService,
        isNull(seq),
        gt(id, after),
        lt(at, before),
        young && lt(id, young.id),
        notExists(toFollow),
      ),
    )
    .orderBy(asc(id))
    .limit(limit);
  return old.map((event) => event.id);
}

export async function forgetEvents(database: Database, service: string, ids: number[]): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.delete(reaction).where(and(eq(reaction.service, service), inArray(reaction.eventId, ids)));
    await tx.delete(sagaEvent).where(and(eq(sagaEvent.service, service), inArray(sagaEvent.id, ids)));
  });
}
