import type { Database } from '../../guard/database.ts';
import { isAmong } from '../../guard/is-among.ts';
import { loan } from './schema.ts';

/** Releases rows of ended sagas. */
export async function releaseLocks({ query }: Database, sagaIds: string[]): Promise<void> {
  await query.update(loan).set({ heldBy: null }).where(isAmong(loan.heldBy, sagaIds));
}
