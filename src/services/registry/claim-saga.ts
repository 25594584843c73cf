import { and, eq } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Database } from '../../guard/database.ts';
import { saga } from './schema.ts';

export interface SagaRequest {
  type: string;
  caller: string;
  /** The caller's Idempotency-Key, or null: then every request is a new saga. */
  key: string | null;
  bodyHash: string;
}

/**
 * Commits that this caller wants this saga, before it starts, and answers the saga's id: the same one whenever the
 * same caller comes with the same key. Undefined when the key was used for another request.
 */
export async function claimSaga({ query }: Database, request: SagaRequest): Promise<string | undefined> {
  const [claimed] = await query
    .insert(saga)
    .values({ id: uuidv7(), ...request })
    .onConflictDoNothing()
    .returning();
  if (claimed) return claimed.id;

  const { caller, key, type, bodyHash } = request;
  const [earlier] = await query
    .select()
    .from(saga)
    .where(and(eq(saga.caller, caller), eq(saga.key, key ?? '')));
  return earlier?.type === type && earlier.bodyHash === bodyHash ? earlier.id : undefined;
}
