import { and, asc, eq, isNotNull } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import type { SagaEvent } from './append-event.ts';
import { choreography, sagaEvent } from './schema.ts';

/** What goes wrong with the last event. */
export interface Trouble {
  seq: number;
  attempt: number;
  error: string;
  parkedAt: Date | null;
}

/** The events of a choreographed saga, in their order, and its trouble, if there is any. */
export async function readEvents(
  { query }: Database,
  sagaId: string,
): Promise<{ events: SagaEvent[]; trouble: Trouble | undefined }> {
  // First how it stands: what has happened since is no trouble any more.
  const [standing] = await query.select().from(choreography).where(eq(choreography.sagaId, sagaId));
  const events = await query
    .select()
    .from(sagaEvent)
    .where(and(eq(sagaEvent.sagaId, sagaId), isNotNull(sagaEvent.seq)))
    .orderBy(asc(sagaEvent.seq));
  const { seq, attempt, error, parkedAt } = standing ?? {};
  const isTrouble = seq !== undefined && seq === events.at(-1)?.seq && attempt != null && error != null;
  return { events, trouble: isTrouble ? { seq, attempt, error, parkedAt: parkedAt ?? null } : undefined };
}
