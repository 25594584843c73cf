import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { clientTimestamp, isOneOf, timestamps } from '../../guard/columns.ts';
import { entryColumns, entryConstraints } from '../../guard/ledger.ts';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

const loanStatuses = ['booked', 'active', 'paid_off', 'defaulted', 'cancelled'] as const;

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
    /** Cents: the sum of the receivable entries. Written by a trigger on the ledger only. */
    outstandingBalance: bigint('outstanding_balance', { mode: 'bigint' }).notNull().default(sql`0`),
    status: text('status', { enum: loanStatuses }).notNull().default('active'),
    startDate: clientTimestamp('start_date'),
    maturityDate: clientTimestamp('maturity_date'),
    /** A deleted loan is hidden, but kept for its entries. */
    deletedAt: timestamp('deleted_at', { withTimezone: true }),
    /** The running saga that has exclusive write access. */
    heldBy: uuid('held_by'),
    ...timestamps(),
    ...stampColumns(),
  },
  (table) => [
    index('loan_customer').on(table.customerId, table.createdAt),
    index('loan_mortgage').on(table.mortgageId),
    index('loan_held').on(table.heldBy).where(sql`${table.heldBy} is not null`),
    check('loan_status', isOneOf(table.status, loanStatuses)),
    check(
      'loan_amounts',
      sql`${table.loanAmount} > 0 and ${table.monthlyPayment} >= 0 and ${table.outstandingBalance} >= 0`,
    ),
    ...stampConstraints('loan', table),
  ],
);

const paymentTypes = ['regular', 'extra', 'payoff'] as const;
const paymentStatuses = ['captured', 'allocated', 'refunded'] as const;

/** Money received for a loan. Clients see allocated payments only. */
export const payment = pgTable(
  'payment',
  {
    id: uuid('id').primaryKey(),
    loanId: uuid('loan_id')
      .notNull()
      .references(() => loan.id),
    customerId: uuid('customer_id').notNull(),
    /** Cents. */
    paymentAmount: bigint('payment_amount', { mode: 'bigint' }).notNull(),
    /** Cents; 0 until it is allocated. */
    principalAmount: bigint('principal_amount', { mode: 'bigint' }).notNull().default(sql`0`),
    /** Cents; 0 until it is allocated. */
    interestAmount: bigint('interest_amount', { mode: 'bigint' }).notNull().default(sql`0`),
    paymentDate: clientTimestamp('payment_date').notNull().default(sql`now()`),
    paymentType: text('payment_type', { enum: paymentTypes }).notNull(),
    status: text('status', { enum: paymentStatuses }).notNull().default('captured'),
    ...timestamps(),
    ...stampColumns(),
  },
  (table) => [
    index('payment_loan').on(table.loanId, table.createdAt),
    index('payment_customer').on(table.customerId, table.createdAt),
    check('payment_type', isOneOf(table.paymentType, paymentTypes)),
    check('payment_status', isOneOf(table.status, paymentStatuses)),
    check(
      'payment_amounts',
      sql`${table.paymentAmount} > 0 and ${table.principalAmount} >= 0 and ${table.interestAmount} >= 0`,
    ),
    check(
      'payment_split',
      sql`${table.status} <> 'allocated' or ${table.paymentAmount} = ${table.principalAmount} + ${table.interestAmount}`,
    ),
    ...stampConstraints('payment', table),
  ],
);

export const accounts = ['receivable', 'cash', 'unapplied', 'interest', 'opening', 'adjustment'] as const;

export const ledgerEntry = pgTable(
  'ledger_entry',
  {
    loanId: uuid('loan_id')
      .notNull()
      .references(() => loan.id),
    /**
     * receivable: owed to us; cash: in the bank; unapplied: received, not yet allocated; interest: earned;
     * opening, adjustment: balances that clients gave.
     */
    account: text('account', { enum: accounts }).notNull(),
    ...entryColumns(),
  },
  (table) => [
    index('ledger_entry_loan').on(table.loanId, table.account),
    check('ledger_entry_account', isOneOf(table.account, accounts)),
    ...entryConstraints(table),
  ],
);
