import { and, asc, eq, isNotNull } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import type { SagaEvent } from './append-event.ts';
import { choreography, sagaEvent } from './schema.ts';

/** Failed delivery of the last event. */
export interface Trouble {
  seq: number;
  attempt: number;
  error: string;
  parkedAt: Date | null;
}

/** `events`: in order. */
export async function readEvents(
  { query }: Database,
  sagaId: string,
): Promise<{ events: SagaEvent[]; trouble: Trouble | undefined }> {
  // Read first: a newer event means that the trouble is over.
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
