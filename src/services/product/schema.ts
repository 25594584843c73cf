import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
import { timestamps } from '../../guard/columns.ts';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

export const product = pgTable(
  'product',
  {
    id: uuid('id').primaryKey(),
    /** 0, 1, 2, … without gaps. Assigned by a trigger, which ignores given values. */
    position: bigint('position', { mode: 'number' }).notNull().default(0),
    name: text('name').notNull(),
    description: text('description').notNull(),
    brandName: text('brand_name').notNull(),
    /** Cents. */
    price: bigint('price', { mode: 'bigint' }).notNull(),
    /** Unreserved pieces. */
    inventory: bigint('inventory', { mode: 'number' }).notNull(),
    ...timestamps(),
    ...stampColumns(),
  },
  (table) => [
    unique('product_position').on(table.position),
    check('product_inventory', sql`${table.inventory} >= 0`),
    check('product_price', sql`${table.price} >= 0`),
    ...stampConstraints('product', table),
  ],
);

/** Pieces that a purchase took off the inventory. Deleted by its undo. */
export const reservation = pgTable(
  'reservation',
  {
    id: uuid('id').primaryKey(),
    productId: uuid('product_id')
      .notNull()
      .references(() => product.id),
    amount: bigint('amount', { mode: 'number' }).notNull(),
    at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
    ...stampColumns(),
  },
  (table) => [
    index('reservation_saga').on(table.sagaId, table.sagaStep, table.sagaGeneration),
    check('reservation_amount', sql`${table.amount} > 0`),
    ...stampConstraints('reservation', table),
  ],
);
