import { and, eq, lte, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { sagaChannel } from './channels.ts';
import { choreography } from './schema.ts';

interface FailedAttempt {
  sagaId: string;
  /** Of the undelivered event. */
  seq: number;
  attempt: number;
  error: string;
  parked: boolean;
}

/** Records why a choreographed saga makes no progress. */
export async function markFailing(
  database: Database,
  { sagaId, seq, parked, ...failure }: FailedAttempt,
): Promise<void> {
  await database.query
    .update(choreography)
    .set({ ...failure, parkedAt: parked ? sql`now()` : null })
    .where(and(eq(choreography.sagaId, sagaId), lte(choreography.seq, seq)));
  if (parked) database.notify(sagaChannel, sagaId);
}
