import { index, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';

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
    /** Set once its workflow was started: never again, also when Temporal has long forgotten it. */
    startedAt: timestamp('started_at', { withTimezone: true, precision: 3 }),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  (table) => [
    unique('saga_key').on(table.caller, table.key),
    index('saga_newest').on(table.createdAt, table.id),
    index('saga_newest_of_type').on(table.type, table.createdAt, table.id),
    index('saga_newest_of_caller').on(table.caller, table.createdAt, table.id),
  ],
);
