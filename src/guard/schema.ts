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
import { stepOps } from '../saga/step.ts';
import { isOneOf } from './columns.ts';
import { dueColumns } from './due.ts';

// Each service's schema exports these tables too: drizzle-kit makes the service's migrations from that file.

/** One per service database. Its primary key is the mutex of every step. */
export const sagaStep = pgTable(
  'saga_step',
  {
    sagaId: uuid('saga_id').notNull(),
    step: text('step').notNull(),
    generation: smallint('generation').notNull(),
    /** The index on the saga's stack. Clocks of several databases give no order. */
    position: integer('position').notNull(),
    op: text('op', { enum: stepOps }).notNull(),
    /** A `do` row written by 'undo' is a tombstone that fences a late step. */
    writtenBy: text('written_by', { enum: stepOps }).notNull(),
    requestHash: text('request_hash'),
    result: jsonb('result'),
    at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.sagaId, table.step, table.generation, table.op] }),
    unique('saga_step_written_by').on(table.sagaId, table.step, table.generation, table.op, table.writtenBy),
    check('saga_step_op', sql`${isOneOf(table.op, stepOps)} and ${isOneOf(table.writtenBy, stepOps)}`),
    check('saga_step_undo_written_by', sql`${table.op} = 'do' or ${table.writtenBy} = 'undo'`),
    check('saga_step_request_hash', sql`(${table.writtenBy} = 'do') = (${table.requestHash} is not null)`),
  ],
);

/** One per service database. Written in the transaction of the step, relayed until all subscribers have the event. */
export const sagaOutbox = pgTable(
  'saga_outbox',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    sagaId: uuid('saga_id').notNull(),
    eventType: text('event_type').notNull(),
    payload: jsonb('payload').notNull(),
    step: text('step').notNull(),
    generation: smallint('generation').notNull(),
    op: text('op', { enum: stepOps }).notNull(),
    /** The order among the events of a choreographed saga. Null in an orchestrated one. */
    seq: integer('seq'),
    /** Data that all events of a choreographed saga carry. */
    context: jsonb('context'),
    /** In a choreographed saga: the attempt that succeeded. */
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

/** At most one row: until when sent events may have been deleted. */
export const sagaOutboxForgotten = pgTable(
  'saga_outbox_forgotten',
  {
    one: boolean('one').primaryKey().default(true),
    until: timestamp('until', { withTimezone: true }).notNull(),
  },
  (table) => [check('saga_outbox_forgotten_once', sql`${table.one}`)],
);

/**
 * Reference the guard row of an inserted effect. Null in rows that no step wrote.
 * `saga_written_by` repeats `saga_op`, so that no effect can reference a tombstone.
 */
export const stampColumns = () => ({
  sagaId: uuid('saga_id'),
  sagaStep: text('saga_step'),
  sagaGeneration: smallint('saga_generation'),
  sagaOp: text('saga_op', { enum: stepOps }),
  sagaWrittenBy: text('saga_written_by').generatedAlwaysAs(sql`saga_op`),
});

type Stamped = Record<keyof ReturnType<typeof stampColumns>, AnyPgColumn>;

/** An effect without its guard row cannot be committed. */
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
