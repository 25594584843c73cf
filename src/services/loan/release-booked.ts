import { and, eq, type SQL } from 'drizzle-orm';
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
  const { count } = await tx
    .update(loan)
    .set({ ...change, heldBy: null })
    .where(and(eq(loan.id, id), eq(loan.status, 'booked'), eq(loan.heldBy, holder)));
  return count === 1;
}
