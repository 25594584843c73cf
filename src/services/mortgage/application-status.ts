import { and, eq, isNull } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import { application } from './schema.ts';

type Status = (typeof application.$inferSelect)['status'];

interface Change {
  from: Status;
  to: Status;
  /** The saga that must hold the application; null: no saga may hold it. */
  holder: string | null;
  /** Whether the holder keeps it. */
  held: boolean;
}

/** Returns false if the application has another status or holder. */
export async function changeStatus(
  tx: Transaction,
  id: string,
  { from, to, holder, held }: Change,
): Promise<boolean> {
  const { heldBy } = application;
  const isHeld = holder === null ? isNull(heldBy) : eq(heldBy, holder);
  const { count } = await tx
    .update(application)
    .set({ status: to, heldBy: held ? holder : null })
    .where(and(eq(application.id, id), eq(application.status, from), isHeld));
  return count === 1;
}
