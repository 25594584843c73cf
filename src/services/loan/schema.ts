import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  index,
  integer,
  pgTable,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaStep } from '../../guard/schema.ts';

export const loan = pgTable(
  'loan',
  {
    id: uuid('id').primaryKey(),
    customerId: uuid('customer_id').notNull(),
    mortgageId: uuid('mortgage_id').notNull(),
    /** Cents. */
    loanAmount: bigint('loan_amount', { mode: 'bigint' }).notNull(),
    /** Thousandths of a percent a year. */
    interestRate: integer('interest_rate').notNull(),
    termYears: integer('term_years').notNull(),
    /** Cents. */
    monthlyPayment: bigint('monthly_payment', { mode: 'bigint' }).notNull(),
    status: text('status', { enum: ['booked', 'active', 'paid_off', 'defaulted', 'cancelled'] })
      .notNull()
      .default('active'),
    startDate: timestamp('start_date', { withTimezone: true }),
    maturityDate: timestamp('maturity_date', { withTimezone: true }),
    /** The running saga that alone may change this row. */
    heldBy: uuid('held_by'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    modifiedAt: timestamp('modified_at', { withTimezone: true }).notNull().defaultNow(),
    ...stampColumns(),
  },
  (table) => [
    index('loan_customer').on(table.customerId, table.createdAt),
    index('loan_mortgage').on(table.mortgageId),
    check('loan_status', sql`${table.status} in ('booked', 'active', 'paid_off', 'defaulted', 'cancelled')`),
    check('loan_amounts', sql`${table.loanAmount} > 0 and ${table.monthlyPayment} >= 0`),
    ...stampConstraints('loan', table),
  ],
);

/** Money moves only by entries, never changed or deleted; those of one guard row sum to zero. */
export const ledgerEntry = pgTable(
  'ledger_entry',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    loanId: uuid('loan_id')
      .notNull()
      .references(() => loan.id),
    account: text('account', { enum: ['receivable', 'cash'] }).notNull(),
    /** Cents: debit positive, credit negative. */
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
    index('ledger_entry_loan').on(table.loanId, table.account),
    check('ledger_entry_account', sql`${table.account} in ('receivable', 'cash')`),
    check('ledger_entry_amount', sql`${table.amount} <> 0`),
    check('ledger_entry_guarded', sql`${table.sagaId} is not null`),
    ...stampConstraints('ledger_entry', table),
  ],
);
