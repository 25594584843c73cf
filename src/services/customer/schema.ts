import { sql } from 'drizzle-orm';
import { index, pgTable, primaryKey, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

export const customer = pgTable(
  'customer',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    modifiedAt: timestamp('modified_at', { withTimezone: true }).notNull().defaultNow(),
    ...stampColumns(),
  },
  (table) => [
    uniqueIndex('customer_email').on(sql`lower(${table.email})`),
    ...stampConstraints('customer', table),
  ],
);

/** A saga's interest in a customer: nobody's undo deletes a customer that another saga has claimed. */
export const customerClaim = pgTable(
  'customer_claim',
  {
    customerId: uuid('customer_id')
      .notNull()
      .references(() => customer.id),
    claimedBy: uuid('claimed_by').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
    ...stampColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.customerId, table.claimedBy] }),
    index('customer_claim_claimed_by').on(table.claimedBy),
    ...stampConstraints('customer_claim', table),
  ],
);
