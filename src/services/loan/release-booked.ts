import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import { loan } from './schema.ts';

type Loan = typeof loan.$inferSelect;

/** Takes a booked loan from its saga. Returns false if the saga holds no such loan. */
export async function releaseBooked(
  tx: Transaction,
  id: string,
  holder: string,
  change: { status: Loan['status']; startDate?: SQL; maturityDate?: SQL },
): Promise<boolean> {
  const changed = await tx
    .update(loan)
    .set({ ...change, heldBy: null, modifiedAt: sql`now()` })
    .where(and(eq(loan.id, id), eq(loan.status, 'booked'), eq(loan.heldBy, holder)))
    .returning({ id: loan.id });
  return changed.length === 1;
}
