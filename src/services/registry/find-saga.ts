import { eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { type SagaMode, saga } from './schema.ts';

export interface RegisteredSaga {
  type: string;
  mode: SagaMode;
  caller: string;
  /** Null: it is unknown whether the saga was started. */
  startedAt: Date | null;
}

export async function findRegisteredSaga(
  { query }: Database,
  id: string,
): Promise<RegisteredSaga | undefined> {
  const [found] = await query
    .select({ type: saga.type, mode: saga.mode, caller: saga.caller, startedAt: saga.startedAt })
    .from(saga)
    .where(eq(saga.id, id));
  return found;
}
