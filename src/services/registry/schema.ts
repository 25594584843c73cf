import { pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';

/** Every saga that somebody asked for, and by which key; committed before its workflow starts. */
export const saga = pgTable(
  'saga',
  {
    id: uuid('id').primaryKey(),
    type: text('type').notNull(),
    caller: text('caller').notNull(),
    /** The caller's Idempotency-Key. */
    key: text('key'),
    bodyHash: text('body_hash').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [unique('saga_key').on(table.caller, table.key)],
);
