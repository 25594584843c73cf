import { eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { saga } from './schema.ts';

export type RegisteredSaga = Pick<typeof saga.$inferSelect, 'type' | 'mode' | 'caller' | 'startedAt'>;

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
