import { bigint, check, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, timestamps } from '../../guard/columns.ts';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

const statuses = ['created', 'completed', 'cancelled'] as const;

/** `id`: the purchase's. */
export const order = pgTable(
  'order',
  {
    id: uuid('id').primaryKey(),
    /** Null: ordered without an account. */
    accountId: uuid('account_id'),
    status: text('status', { enum: statuses }).notNull().default('created'),
    ...timestamps(),
    ...stampColumns(),
  },
  (table) => [check('order_status', isOneOf(table.status, statuses)), ...stampConstraints('order', table)],
);

/** Product data at the time of the order. */
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
