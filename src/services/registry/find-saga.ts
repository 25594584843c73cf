import { eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { saga } from './schema.ts';

/** The type of the saga that somebody asked for under this id. */
export async function findSagaType({ query }: Database, id: string): Promise<string | undefined> {
  const [found] = await query.select({ type: saga.type }).from(saga).where(eq(saga.id, id));
  return found?.type;
}
