import { sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { formatCents } from '../money/money.ts';
import { ledgerEntry, loan, payment } from '../services/loan/schema.ts';
import { ledgerEntry as shopEntry } from '../services/payment/schema.ts';
import type { Check } from './check.ts';

const money = (cents: unknown) => formatCents(BigInt(String(cents)));

export const movementsBalance: Check = {
  name: 'every movement of money sums to zero',
  async findings(databases) {
    const off = (service: 'loan' | 'payment', entries: PgTable) =>
      databases[service].query.execute(sql`
        select saga_id, saga_step, saga_generation, saga_op, sum(amount)::text as sum from ${entries}
        group by 1, 2, 3, 4 having sum(amount) <> 0`);
    const rows = [...(await off('loan', ledgerEntry)), ...(await off('payment', shopEntry))];
    return rows.map(
      (row) => `${row['saga_op']} ${row['saga_step']} of ${row['saga_id']} is off by ${money(row['sum'])}`,
    );
  },
};

export const loansMatchLedger: Check = {
  name: 'every loan owes what its entries say',
  async findings({ loan: { query } }) {
    const rows = await query.execute(sql`
      select loan.id, outstanding_balance::text as said, coalesce(entries.sum, 0)::text as posted from ${loan}
      left join (select loan_id, sum(amount) as sum from ${ledgerEntry} where account = 'receivable' group by 1) entries
        on entries.loan_id = loan.id
      where outstanding_balance <> coalesce(entries.sum, 0)`);
    return rows.map(
      (row) => `loan ${row['id']} owes ${money(row['said'])}, by its entries ${money(row['posted'])}`,
    );
  },
};

export const paidOutLoansAreActive: Check = {
  name: 'no loan that was paid out is left booked by its saga',
  async findings({ loan: { query } }) {
    const rows = await query.execute(sql`
      select id from ${loan} where status = 'booked' and held_by is null and deleted_at is null
        and exists (select from ${ledgerEntry} where loan_id = ${loan.id} and saga_step = 'disburse-funds')`);
    return rows.map((row) => `loan ${row['id']} was paid out and is still booked`);
  },
};

export const paymentsMatchLedger: Check = {
  name: 'every payment is in the ledger as it says',
  async findings({ loan: { query } }) {
    const rows = await query.execute(sql`
      with posted as (
        select saga_id,
          coalesce(sum(amount) filter (where account = 'cash'), 0) as cash,
          coalesce(sum(amount) filter (where account = 'unapplied'), 0) as unapplied,
          coalesce(sum(amount) filter (where account = 'receivable'), 0) as receivable,
          coalesce(sum(amount) filter (where account = 'interest'), 0) as interest
        from ${ledgerEntry} where saga_step in ('capture-payment', 'allocate-payment') group by 1)
      select payment.id, status from ${payment} left join posted on posted.saga_id = payment.saga_id
      where (posted.cash, posted.unapplied, -posted.receivable, -posted.interest) is distinct from (
        case status when 'refunded' then 0 else payment_amount end,
        case status when 'captured' then -payment_amount else 0 end,
        principal_amount::numeric, interest_amount::numeric)`);
    return rows.map((row) => `payment ${row['id']} is ${row['status']}, and its entries do not say so`);
  },
};
