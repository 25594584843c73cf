import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { centsToNumber, wholeUnits } from '../../money/money.ts';
import { ledgerEntry, loan, payment } from './schema.ts';

export const balancesRow = z
  .object({
    balanced: z.boolean(),
    sum: wholeUnits,
    accounts: z.record(z.string(), wholeUnits),
    outstanding: wholeUnits,
    unallocated: wholeUnits,
  })
  .meta({
    id: 'LedgerBalances',
    description:
      'Debit positive, credit negative. Balanced: all accounts sum to 0, `receivable` is what the loans say is `outstanding`, and `unapplied` what payments are still `unallocated`.',
  });

/** In one statement, for a consistent snapshot. */
export async function ledgerBalances({ query }: Database): Promise<z.output<typeof balancesRow>> {
  const rows = await query.execute<{ account: string; balance: string }>(sql`
    select account, sum(amount)::text as balance from ${ledgerEntry} group by account
    union all select 'loans', coalesce(sum(outstanding_balance), 0)::text from ${loan}
    union all select 'payments', coalesce(sum(payment_amount), 0)::text from ${payment} where status = 'captured'`);
  const found = new Map(rows.map(({ account, balance }) => [account, BigInt(balance)]));
  const take = (name: string) => {
    const cents = found.get(name) ?? 0n;
    found.delete(name);
    return cents;
  };
  const [outstanding, unallocated] = [take('loans'), take('payments')];
  const sum = [...found.values()].reduce((total, cents) => total + cents, 0n);
  const balanced =
    sum === 0n &&
    outstanding === (found.get('receivable') ?? 0n) &&
    unallocated === -(found.get('unapplied') ?? 0n);
  const accounts = [...found].sort().map(([account, cents]) => [account, centsToNumber(cents)]);
  return {
    balanced,
    sum: centsToNumber(sum),
    accounts: Object.fromEntries(accounts),
    outstanding: centsToNumber(outstanding),
    unallocated: centsToNumber(unallocated),
  };
}
