import { and, eq, sql } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import { application } from './schema.ts';

type Status = (typeof application.$inferSelect)['status'];

interface Change {
  from: Status;
  to: Status;
  /** The saga that holds the application now. */
  holder: string;
  /** Whether it still holds it afterwards. */
  held: boolean;
}

/** Answers whether the application was in the state to be changed. */
export async function changeStatus(
  tx: Transaction,
  id: string,
  { from, to, holder, held }: Change,
): Promise<boolean> {
  const changed = await tx
    .update(application)
    .set({ status: to, heldBy: held ? holder : null, modifiedAt: sql`now()` })
    .where(and(eq(application.id, id), eq(application.status, from), eq(application.heldBy, holder)))
    .returning({ id: application.id });
  return changed.length === 1;
}
