import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, timestamps } from '../../guard/columns.ts';
import { entryColumns, entryConstraints } from '../../guard/ledger.ts';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

const statuses = ['paid', 'refunded'] as const;

/** `id`: the purchase's. */
export const payment = pgTable(
  'payment',
  {
    id: uuid('id').primaryKey(),
    /** Null: paid without an account. */
    accountId: uuid('account_id'),
    currencyCode: text('currency_code').notNull(),
    /** Hundredths of the currency. */
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    status: text('status', { enum: statuses }).notNull().default('paid'),
    ...timestamps(),
    ...stampColumns(),
  },
  (table) => [
    check('payment_status', isOneOf(table.status, statuses)),
    check('payment_amount', sql`${table.amount} > 0`),
    ...stampConstraints('payment', table),
  ],
);

const accounts = ['cash', 'sales'] as const;

/** Amounts in the payment's currency. */
export const ledgerEntry = pgTable(
  'ledger_entry',
  {
    paymentId: uuid('payment_id')
      .notNull()
      .references(() => payment.id),
    account: text('account', { enum: accounts }).notNull(),
    ...entryColumns(),
  },
  (table) => [
    index('ledger_entry_payment').on(table.paymentId),
    check('ledger_entry_account', isOneOf(table.account, accounts)),
    ...entryConstraints(table),
  ],
);
