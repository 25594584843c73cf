import { and, eq, isNull, ne, or, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { refuseHeld } from '../../guard/refuse-held.ts';
import { markUndone, writerOf } from '../../guard/undone.ts';
import { refuse } from '../../saga/errors.ts';
import { postReversal } from './ledger.ts';
import { ledgerEntry, loan } from './schema.ts';

/** Returns false if there is none. Reverses the opening entry; refuses if a saga holds the loan or it has other entries. */
export function deleteLoan(database: Database, id: string): Promise<boolean> {
  return database.transaction(async (tx) => {
    const [found] = await tx
      .select()
      .from(loan)
      .where(and(eq(loan.id, id), isNull(loan.deletedAt)))
      .for('update');
    if (!found) return false;
    if (found.heldBy) return refuseHeld('the loan', found.heldBy);
    const writer = writerOf(found);
    const isLater =
      writer && or(ne(ledgerEntry.sagaId, writer.sagaId), ne(ledgerEntry.sagaStep, writer.sagaStep));
    if ((await tx.$count(ledgerEntry, and(eq(ledgerEntry.loanId, id), isLater))) > 0)
      refuse('the loan has later entries in the ledger: it cannot be deleted', { state: found.status });
    if (writer) {
      await markUndone(tx, [found]);
      await postReversal(tx, writer);
    }
    await tx.update(loan).set({ deletedAt: sql`now()` }).where(eq(loan.id, id));
    return true;
  });
}
