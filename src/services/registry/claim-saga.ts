import { and, eq, or, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Database, Transaction } from '../../guard/database.ts';
import { startChannel } from './channels.ts';
import { forgottenSaga, type SagaMode, saga } from './schema.ts';

interface SagaRequest {
  type: string;
  mode: SagaMode;
  caller: string;
  /** The caller's Idempotency-Key, or null. */
  key: string | null;
  bodyHash: string;
  /** Chosen by the caller. Default: a new id, or the id that has the key. */
  id?: string | undefined;
}

interface SagaClaim {
  id: string;
  /** The saga was started: do not start it again. */
  started: boolean;
}

/** The id belongs to a saga that was deleted. */
export class ForgottenSaga extends Error {
  override name = 'ForgottenSaga';
}

/**
 * Commits the request before its saga starts. The same request with the same key or id returns the same saga; undefined
 * if key or id belong to another request. Throws `ForgottenSaga`.
 */
export async function claimSaga(database: Database, request: SagaRequest): Promise<SagaClaim | undefined> {
  const { id, key, caller, type, bodyHash } = request;
  const { query } = database;
  const claimed =
    id === undefined
      ? await insertSaga(query, { ...request, id: uuidv7() })
      : await database.transaction((tx) => insertUnforgotten(tx, { ...request, id }));
  if (claimed) return { id: claimed.id, started: false };

  const byId = id === undefined ? undefined : eq(saga.id, id);
  const byKey = key === null ? undefined : and(eq(saga.caller, caller), eq(saga.key, key));
  if (!byId && !byKey) throw new Error('a new saga id was taken');
  // With an id, the key need not match.
  const same = and(eq(saga.caller, caller), eq(saga.type, type), eq(saga.bodyHash, bodyHash));
  const [earlier, another] = await query
    .select({ id: saga.id, startedAt: saga.startedAt, same: sql<boolean>`${and(same, byId ?? byKey)}` })
    .from(saga)
    .where(or(byId, byKey));
  // It was deleted concurrently.
  if (!earlier) return claimSaga(database, request);
  return earlier.same && !another ? { id: earlier.id, started: earlier.startedAt !== null } : undefined;
}

type Inserted = SagaRequest & { id: string };

/** Undefined if key or id exist. */
async function insertSaga(
  tx: Pick<Transaction, 'insert'>,
  { id, type, mode, caller, key, bodyHash }: Inserted,
) {
  const values = { id, type, mode, caller, key, bodyHash };
  const [inserted] = await tx.insert(saga).values(values).onConflictDoNothing().returning();
  return inserted;
}

/** Checks after the insert, which may have waited for a deletion to commit. */
async function insertUnforgotten(tx: Transaction, request: Inserted) {
  const inserted = await insertSaga(tx, request);
  const [forgotten] = await tx.select().from(forgottenSaga).where(eq(forgottenSaga.id, request.id));
  if (forgotten) throw new ForgottenSaga();
  return inserted;
}

export async function markStarted(database: Database, id: string, caller: string): Promise<void> {
  await database.query.update(saga).set({ startedAt: sql`now()` }).where(eq(saga.id, id));
  database.notify(startChannel, caller);
}
