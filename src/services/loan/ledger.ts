import { sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { Transaction } from '../../guard/database.ts';
import type { Stamp } from '../../guard/implement.ts';
import { ledgerEntry } from './schema.ts';

type Account = (typeof ledgerEntry.$inferSelect)['account'];

/** Moves `amount` cents from one account of a loan to another: the two legs of one double entry. */
export async function move(
  tx: Transaction,
  loanId: string,
  { amount, from, to }: { amount: bigint; from: Account; to: Account },
  stamp: Stamp,
) {
  await tx.insert(ledgerEntry).values([
    { loanId, account: to, amount, leg: 1, ...stamp },
    { loanId, account: from, amount: -amount, leg: 2, ...stamp },
  ]);
}

/** What is still owed on the loan that `loanId` names, in cents: a subquery. */
export const outstanding = (loanId: AnyPgColumn) => sql`(
  select coalesce(sum(${ledgerEntry.amount}), 0) from ${ledgerEntry}
  where ${ledgerEntry.loanId} = ${loanId} and ${ledgerEntry.account} = 'receivable')`;
