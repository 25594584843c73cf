import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, timestamps } from '../../guard/columns.ts';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

const statuses = ['pending', 'approved', 'rejected', 'withdrawn', 'closed'] as const;

export const application = pgTable(
  'application',
  {
    id: uuid('id').primaryKey(),
    customerId: uuid('customer_id').notNull(),
    /** Cents. */
    loanAmount: bigint('loan_amount', { mode: 'bigint' }).notNull(),
    /** Cents. */
    propertyValue: bigint('property_value', { mode: 'bigint' }).notNull(),
    /** Thousandths of a percent a year. */
    interestRate: integer('interest_rate').notNull(),
    termYears: integer('term_years').notNull(),
    status: text('status', { enum: statuses }).notNull().default('pending'),
    /** The running saga that has exclusive write access. */
    heldBy: uuid('held_by'),
    ...timestamps(),
    ...stampColumns(),
  },
  (table) => [
    index('application_customer').on(table.customerId, table.createdAt),
    index('application_held').on(table.heldBy).where(sql`${table.heldBy} is not null`),
    check('application_status', isOneOf(table.status, statuses)),
    check('application_amounts', sql`${table.loanAmount} > 0 and ${table.propertyValue} > 0`),
    ...stampConstraints('application', table),
  ],
);
