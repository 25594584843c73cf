import type { Database } from '../../guard/database.ts';
import { isAmong } from '../../guard/is-among.ts';
import { application } from './schema.ts';

/** Releases rows of ended sagas. */
export async function releaseLocks({ query }: Database, sagaIds: string[]): Promise<void> {
  await query.update(application).set({ heldBy: null }).where(isAmong(application.heldBy, sagaIds));
}
