import { and, eq, sql } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import type { Stamp } from '../../guard/implement.ts';
import { type accounts, ledgerEntry } from './schema.ts';

/** Cents by account: debit positive, credit negative. */
type Legs = Partial<Record<(typeof accounts)[number], bigint>>;

/** Posts one movement of money on a loan. The database refuses legs that do not sum to zero, when it commits. */
export async function post(tx: Transaction, loanId: string, legs: Legs, stamp: Stamp) {
  const posted = Object.entries(legs).filter((leg): leg is [keyof Legs, bigint] => leg[1] !== 0n);
  if (posted.length === 0) return;
  await tx
    .insert(ledgerEntry)
    .values(
      posted.map(([account, amount], index) => ({ loanId, account, amount, leg: index + 1, ...stamp })),
    );
}

/** Posts the opposite of what that step has posted, as its undo. */
export async function postReversal(
  tx: Transaction,
  { sagaId, sagaStep, sagaGeneration }: Omit<Stamp, 'sagaOp'>,
) {
  await tx.execute(sql`
    insert into ${ledgerEntry} (loan_id, account, amount, leg, saga_id, saga_step, saga_generation, saga_op)
    select loan_id, account, -amount, leg, saga_id, saga_step, saga_generation, 'undo' from ${ledgerEntry}
    where ${and(
      eq(ledgerEntry.sagaId, sagaId),
      eq(ledgerEntry.sagaStep, sagaStep),
      eq(ledgerEntry.sagaGeneration, sagaGeneration),
      eq(ledgerEntry.sagaOp, 'do'),
    )}`);
}
