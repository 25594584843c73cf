import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, smallint, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

/** Its id is the purchase's. */
export const payment = pgTable(
  'payment',
  {
    id: uuid('id').primaryKey(),
    /** Null: nobody with an account has paid it. */
    accountId: uuid('account_id'),
    currencyCode: text('currency_code').notNull(),
    /** Hundredths of the currency. */
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    status: text('status', { enum: ['paid', 'refunded'] })
      .notNull()
      .default('paid'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    modifiedAt: timestamp('modified_at', { withTimezone: true }).notNull().defaultNow(),
    ...stampColumns(),
  },
  (table) => [
    check('payment_status', sql`${table.status} in ('paid', 'refunded')`),
    check('payment_amount', sql`${table.amount} > 0`),
    ...stampConstraints('payment', table),
  ],
);

/** Money moves only by entries, never changed or deleted; those of one guard row sum to zero. */
export const ledgerEntry = pgTable(
  'ledger_entry',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    paymentId: uuid('payment_id')
      .notNull()
      .references(() => payment.id),
    account: text('account', { enum: ['cash', 'sales'] }).notNull(),
    /** Hundredths of the payment's currency: debit positive, credit negative. */
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    leg: smallint('leg').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
    ...stampColumns(),
  },
  (table) => [
    unique('ledger_entry_once').on(
      table.sagaId,
      table.sagaStep,
      table.sagaGeneration,
      table.sagaOp,
      table.leg,
    ),
    index('ledger_entry_payment').on(table.paymentId),
    check('ledger_entry_account', sql`${table.account} in ('cash', 'sales')`),
    check('ledger_entry_amount', sql`${table.amount} <> 0`),
    check('ledger_entry_guarded', sql`${table.sagaId} is not null`),
    ...stampConstraints('ledger_entry', table),
  ],
);
