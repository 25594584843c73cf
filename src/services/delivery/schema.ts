import { check, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, timestamps } from '../../guard/columns.ts';
import { stampColumns, stampConstraints } from '../../guard/schema.ts';

export { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../../guard/schema.ts';

const statuses = ['scheduled', 'cancelled'] as const;

export const delivery = pgTable(
  'delivery',
  {
    id: uuid('id').primaryKey(),
    orderId: uuid('order_id').notNull().unique(),
    status: text('status', { enum: statuses }).notNull().default('scheduled'),
    ...timestamps(),
    ...stampColumns(),
  },
  (table) => [
    check('delivery_status', isOneOf(table.status, statuses)),
    ...stampConstraints('delivery', table),
  ],
);
