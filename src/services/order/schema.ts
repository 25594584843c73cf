import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

/** Its id is the purchase's. */
export const order = pgTable(
  'order',
  {
    id: uuid('id').primaryKey(),
    /** Null: nobody with an account has ordered it. */
    accountId: uuid('account_id'),
    status: text('status', { enum: ['created', 'completed', 'cancelled'] })
      .notNull()
      .default('created'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    modifiedAt: timestamp('modified_at', { withTimezone: true }).notNull().defaultNow(),
    ...stampColumns(),
  },
  (table) => [
    index('order_account').on(table.accountId, table.createdAt),
    check('order_status', sql`${table.status} in ('created', 'completed', 'cancelled')`),
    ...stampConstraints('order', table),
  ],
);

/** As the products were when they were ordered. */
export const orderItem = pgTable(
  'order_item',
  {
    orderId: uuid('order_id')
      .notNull()
      .references(() => order.id),
    productId: uuid('product_id').notNull(),
    name: text('name').notNull(),
    description: text('description').notNull(),
    brandName: text('brand_name').notNull(),
    /** Cents. */
    price: bigint('price', { mode: 'bigint' }).notNull(),
    amount: bigint('amount', { mode: 'number' }).notNull(),
    ...stampColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.productId] }),
    ...stampConstraints('order_item', table),
  ],
);
