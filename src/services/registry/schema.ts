import { and, eq, sql } from 'drizzle-orm';
import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { millisecondTimestamp } from '../../guard/columns.ts';
import { dueColumns } from '../../guard/due.ts';
import type { SagaName } from '../../saga/state.ts';
import { sagaStates } from '../../saga/state.ts';
import { stepOps } from '../../saga/step.ts';

/** Directed by a workflow, or by the services' events. */
export const sagaModes = ['orchestrated', 'choreographed'] as const;
export type SagaMode = (typeof sagaModes)[number];

export interface SagaRef extends SagaName {
  mode: SagaMode;
}

/** Every requested saga, committed before its workflow starts. */
export const saga = pgTable(
  'saga',
  {
    id: uuid('id').primaryKey(),
    type: text('type').notNull(),
    mode: text('mode', { enum: sagaModes }).notNull().default('orchestrated'),
    caller: text('caller').notNull(),
    /** The caller's Idempotency-Key. */
    key: text('key'),
    bodyHash: text('body_hash').notNull(),
    /** Once set, the saga is never started again, even if Temporal has deleted it. */
    startedAt: millisecondTimestamp('started_at'),
    createdAt: millisecondTimestamp('created_at').notNull().defaultNow(),
  },
  (table) => [
    unique('saga_key').on(table.caller, table.key),
    index('saga_newest').on(table.createdAt, table.id),
    index('saga_newest_of_type').on(table.type, table.createdAt, table.id),
    index('saga_newest_of_caller').on(table.caller, table.createdAt, table.id),
  ],
);

/** Delivered events: all of choreographed sagas, otherwise those with reactions. */
export const sagaEvent = pgTable(
  'saga_event',
  {
    /** The id is unique in this service's outbox. */
    service: text('service').notNull(),
    id: bigint('id', { mode: 'number' }).notNull(),
    sagaId: uuid('saga_id').notNull(),
    type: text('type').notNull(),
    payload: jsonb('payload').notNull(),
    step: text('step').notNull(),
    op: text('op', { enum: stepOps }).notNull(),
    /** The order among the events of a choreographed saga. */
    seq: integer('seq'),
    context: jsonb('context'),
    attempt: integer('attempt').notNull(),
    at: millisecondTimestamp('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.service, table.id] }),
    unique('saga_event_seq').on(table.sagaId, table.seq),
    index('saga_event_unordered').on(table.service, table.id).where(sql`${table.seq} is null`),
  ],
);

/** The state of each choreographed saga after its last event, for searches. */
export const choreography = pgTable(
  'choreography',
  {
    sagaId: uuid('saga_id')
      .primaryKey()
      .references(() => saga.id),
    /** Of the saga. */
    createdAt: millisecondTimestamp('created_at').notNull(),
    /** Of the last event. */
    seq: integer('seq').notNull(),
    at: millisecondTimestamp('at').notNull(),
    state: text('state', { enum: sagaStates }).notNull(),
    /** Done or undone last, or being tried. */
    step: text('step').notNull(),
    /** Of the failed delivery of the last event. */
    attempt: integer('attempt'),
    error: text('error'),
    parkedAt: millisecondTimestamp('parked_at'),
    compensatingSince: millisecondTimestamp('compensating_since'),
    /** Time of the alert for slow compensation or, before that, for missing progress. */
    alertedAt: millisecondTimestamp('alerted_at'),
    endedAt: millisecondTimestamp('ended_at'),
  },
  (table) => [
    index('choreography_open').on(table.createdAt, table.sagaId).where(sql`${table.endedAt} is null`),
    index('choreography_parked').on(table.createdAt, table.sagaId).where(sql`${table.parkedAt} is not null`),
    index('choreography_ended')
      .on(table.state, table.endedAt, table.sagaId)
      .where(sql`${table.endedAt} is not null`),
    index('choreography_ended_step')
      .on(table.step, table.endedAt, table.sagaId)
      .where(sql`${table.endedAt} is not null`),
    check('choreography_ended_once', sql`${table.endedAt} is null or ${table.parkedAt} is null`),
  ],
);

/** Follows an event, outside its saga. */
export const reaction = pgTable(
  'reaction',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    service: text('service').notNull(),
    eventId: bigint('event_id', { mode: 'number' }).notNull(),
    name: text('name').notNull(),
    doneAt: millisecondTimestamp('done_at'),
    ...dueColumns(),
  },
  (table) => [
    unique('reaction_once').on(table.service, table.eventId, table.name),
    foreignKey({
      name: 'reaction_event',
      columns: [table.service, table.eventId],
      foreignColumns: [sagaEvent.service, sagaEvent.id],
    }),
    index('reaction_due')
      .on(table.name, table.dueAt, table.id)
      .where(sql`${table.doneAt} is null and ${table.parkedAt} is null`),
    index('reaction_parked').on(table.id).where(sql`${table.parkedAt} is not null`),
  ],
);

export const isOfEvent = and(eq(reaction.service, sagaEvent.service), eq(reaction.eventId, sagaEvent.id));

/** Ids of deleted sagas. Their guard rows stay, so the ids must not be reused. */
export const forgottenSaga = pgTable('forgotten_saga', { id: uuid('id').primaryKey() });

/** Days are UTC. */
export const dailyCount = pgTable(
  'daily_count',
  {
    day: date('day').notNull(),
    event: text('event').notNull(),
    count: integer('count').notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.event] })],
);
