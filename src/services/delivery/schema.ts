import { sql } from 'drizzle-orm';
import { check, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { timestamps } from '../../guard/columns.ts';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

export const delivery = pgTable(
  'delivery',
  {
    id: uuid('id').primaryKey(),
    orderId: uuid('order_id').notNull().unique(),
    status: text('status', { enum: ['scheduled', 'cancelled'] })
      .notNull()
      .default('scheduled'),
    ...timestamps(),
    ...stampColumns(),
  },
  (table) => [
    check('delivery_status', sql`${table.status} in ('scheduled', 'cancelled')`),
    ...stampConstraints('delivery', table),
  ],
);
