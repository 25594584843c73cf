import { and, eq, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { sagaChannel } from './channels.ts';
import { choreography } from './schema.ts';

/** Clears the parked state, unless a later attempt has parked it again. */
export async function markReleased(database: Database, sagaId: string, attempts: number): Promise<void> {
  const isParked = and(
    eq(choreography.sagaId, sagaId),
    eq(choreography.attempt, attempts),
    isNotNull(choreography.parkedAt),
  );
  await database.transaction(async (tx) => {
    await tx.update(choreography).set({ parkedAt: null }).where(isParked);
    await tx.execute(sql`select pg_notify(${sagaChannel}, ${sagaId})`);
  });
}
