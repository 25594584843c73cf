import type { Transaction } from '../../guard/database.ts';
import type { Stamp } from '../../guard/implement.ts';
import { reverseEntries } from '../../guard/ledger.ts';
import { type accounts, ledgerEntry } from './schema.ts';

/** Cents by account: debit positive, credit negative. */
type Legs = Partial<Record<(typeof accounts)[number], bigint>>;

/** Posts one movement of money. The commit fails unless the legs sum to zero. */
export async function post(tx: Transaction, loanId: string, legs: Legs, stamp: Stamp) {
  const posted = Object.entries(legs).filter((leg): leg is [keyof Legs, bigint] => leg[1] !== 0n);
  if (posted.length === 0) return;
  await tx
    .insert(ledgerEntry)
    .values(
      posted.map(([account, amount], index) => ({ loanId, account, amount, leg: index + 1, ...stamp })),
    );
}

export const postReversal = (tx: Transaction, stamp: Omit<Stamp, 'sagaOp'>) =>
  reverseEntries(tx, ledgerEntry, ledgerEntry.loanId, stamp);
