import { pgTable, primaryKey, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { lowerCase, timestamps } from '../../guard/columns.ts';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

export const customer = pgTable(
  'customer',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    ...timestamps(),
    ...stampColumns(),
  },
  (table) => [
    uniqueIndex('customer_email').on(lowerCase(table.email)),
    ...stampConstraints('customer', table),
  ],
);

/** An undo does not delete a customer that another saga claims. */
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
    ...stampConstraints('customer_claim', table),
  ],
);
