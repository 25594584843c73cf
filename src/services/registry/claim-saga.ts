import { and, eq, or, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Database } from '../../guard/database.ts';
import { startChannel } from './append-event.ts';
import { type SagaMode, saga } from './schema.ts';

export interface SagaRequest {
  type: string;
  mode: SagaMode;
  caller: string;
  /** The caller's Idempotency-Key, or null. */
  key: string | null;
  bodyHash: string;
  /** The saga's id where the caller chose it; else a new one, unless the key is known. */
  id?: string | undefined;
}

export interface SagaClaim {
  id: string;
  /** Its workflow was started once, and is not to be started again. */
  started: boolean;
}

/**
 * Commits that this caller wants this saga, before it starts: the same saga whenever the same request comes with the
 * same key or id. Undefined when key or id stand for another request.
 */
export async function claimSaga({ query }: Database, request: SagaRequest): Promise<SagaClaim | undefined> {
  const { id, key, caller, type, mode, bodyHash } = request;
  const [claimed] = await query
    .insert(saga)
    .values({ id: id ?? uuidv7(), type, mode, caller, key, bodyHash })
    .onConflictDoNothing()
    .returning();
  if (claimed) return { id: claimed.id, started: false };

  const byId = id === undefined ? undefined : eq(saga.id, id);
  const byKey = key === null ? undefined : and(eq(saga.caller, caller), eq(saga.key, key));
  if (!byId && !byKey) throw new Error('a new saga id was taken');
  const same = and(eq(saga.caller, caller), eq(saga.type, type), eq(saga.bodyHash, bodyHash));
  const [earlier, another] = await query
    .select({ id: saga.id, startedAt: saga.startedAt, same: sql<boolean>`${and(same, byId, byKey)}` })
    .from(saga)
    .where(or(byId, byKey));
  return earlier?.same && !another ? { id: earlier.id, started: earlier.startedAt !== null } : undefined;
}

/** Says that the saga has been started. */
export async function markStarted(database: Database, id: string, caller: string): Promise<void> {
  await database.query.update(saga).set({ startedAt: sql`now()` }).where(eq(saga.id, id));
  database.notify(startChannel, caller);
}
