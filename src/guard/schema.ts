import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { dueColumns } from './due.ts';

/** The guard's table, one in each service's database. Its unique index is the mutex of every step. */
export const sagaStep = pgTable(
  'saga_step',
  {
    sagaId: uuid('saga_id').notNull(),
    step: text('step').notNull(),
    generation: smallint('generation').notNull(),
    /** The index on the saga's stack: clocks of several databases give no order. */
    position: integer('position').notNull(),
    op: text('op', { enum: ['do', 'undo'] }).notNull(),
    /** A `do` row written by 'undo' is a tombstone: it fences a step that comes too late. */
    writtenBy: text('written_by', { enum: ['do', 'undo'] }).notNull(),
    requestHash: text('request_hash'),
    result: jsonb('result'),
    at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.sagaId, table.step, table.generation, table.op] }),
    unique('saga_step_written_by').on(table.sagaId, table.step, table.generation, table.op, table.writtenBy),
    check('saga_step_op', sql`${table.op} in ('do', 'undo') and ${table.writtenBy} in ('do', 'undo')`),
    check('saga_step_undo_written_by', sql`${table.op} = 'do' or ${table.writtenBy} = 'undo'`),
    check('saga_step_request_hash', sql`(${table.writtenBy} = 'do') = (${table.requestHash} is not null)`),
  ],
);

/**
 * What has happened, one in each service's database: written in the transaction in which it happened, relayed until
 * all who subscribe have taken it.
 */
export const sagaOutbox = pgTable(
  'saga_outbox',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    sagaId: uuid('saga_id').notNull(),
    eventType: text('event_type').notNull(),
    payload: jsonb('payload').notNull(),
    step: text('step').notNull(),
    generation: smallint('generation').notNull(),
    op: text('op', { enum: ['do', 'undo'] }).notNull(),
    /** Of a choreographed saga: its place among the saga's events. Null: a workflow knows what comes next. */
    seq: integer('seq'),
    /** Of a choreographed saga: what its events carry along, from the first to the last. */
    context: jsonb('context'),
    /** Of a choreographed saga: at which attempt it happened. */
    attempt: integer('attempt').notNull().default(1),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    sentAt: timestamp('sent_at', { withTimezone: true }),
    ...dueColumns(),
  },
  (table) => [
    unique('saga_outbox_once').on(table.sagaId, table.step, table.generation, table.op),
    foreignKey({
      name: 'saga_outbox_guard',
      columns: [table.sagaId, table.step, table.generation, table.op],
      foreignColumns: [sagaStep.sagaId, sagaStep.step, sagaStep.generation, sagaStep.op],
    }),
    check('saga_outbox_choreographed', sql`(${table.seq} is null) = (${table.context} is null)`),
    index('saga_outbox_due')
      .on(table.dueAt, table.id)
      .where(sql`${table.sentAt} is null and ${table.parkedAt} is null`),
    index('saga_outbox_unsent').on(table.sagaId, table.id).where(sql`${table.sentAt} is null`),
  ],
);

/** Up to when events may be missing in the outbox, as they were sent long ago: one row, or none. */
export const sagaOutboxForgotten = pgTable(
  'saga_outbox_forgotten',
  {
    one: boolean('one').primaryKey().default(true),
    until: timestamp('until', { withTimezone: true }).notNull(),
  },
  (table) => [check('saga_outbox_forgotten_once', sql`${table.one}`)],
);

/**
 * The columns by which an inserted effect names its guard row. Empty where no saga wrote the row.
 * `saga_written_by` repeats `saga_op`, so that no effect can hang on a tombstone.
 */
export const stampColumns = () => ({
  sagaId: uuid('saga_id'),
  sagaStep: text('saga_step'),
  sagaGeneration: smallint('saga_generation'),
  sagaOp: text('saga_op', { enum: ['do', 'undo'] }),
  sagaWrittenBy: text('saga_written_by').generatedAlwaysAs(sql`saga_op`),
});

type Stamped = Record<keyof ReturnType<typeof stampColumns>, AnyPgColumn>;

/** Half an effect cannot be stored: unless its guard row commits with it, the insert fails. */
export const stampConstraints = (name: string, table: Stamped) => [
  foreignKey({
    name: `${name}_guard`,
    columns: [table.sagaId, table.sagaStep, table.sagaGeneration, table.sagaOp, table.sagaWrittenBy],
    foreignColumns: [sagaStep.sagaId, sagaStep.step, sagaStep.generation, sagaStep.op, sagaStep.writtenBy],
  }),
  check(
    `${name}_stamp`,
    sql`num_nulls(${table.sagaId}, ${table.sagaStep}, ${table.sagaGeneration}, ${table.sagaOp}) in (0, 4)`,
  ),
];
