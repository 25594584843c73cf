import { and, gt, isNull, lte, or, sql } from 'drizzle-orm';
import { type AnyPgColumn, integer, text, timestamp } from 'drizzle-orm/pg-core';

/** The progress of work that is retried until it succeeds, by one process at a time. */
export const dueColumns = () => ({
  attempts: integer('attempts').notNull().default(0),
  /** Of the last failed attempt. */
  error: text('error'),
  /** The earliest time of the next attempt. */
  dueAt: timestamp('due_at', { withTimezone: true }).notNull().defaultNow(),
  /** Set when all attempts have failed: an operator must release it. */
  parkedAt: timestamp('parked_at', { withTimezone: true }),
});

type Due = Record<keyof ReturnType<typeof dueColumns>, AnyPgColumn>;

const secondsFromNow = (seconds: number) => sql`now() + make_interval(secs => ${seconds})`;

/** Also what is due later than leases and back-off allow: the clock of the database has been set back since. */
export const isDue = ({ dueAt, parkedAt }: Due) =>
  and(isNull(parkedAt), or(lte(dueAt, sql`now()`), gt(dueAt, secondsFromNow(60))));

/** Starts an attempt. Without a result within the lease, the work is due again. */
export const taken = ({ attempts }: Due, leaseSeconds: number) => ({
  attempts: sql`${attempts} + 1`,
  dueAt: secondsFromNow(leaseSeconds),
});

export interface Failure {
  error: string;
  /** Milliseconds until the next attempt. */
  retryInMs: number;
  /** False: the attempt does not count, because the work is not at fault. */
  counts: boolean;
  /** No further attempt until an operator releases it. */
  park: boolean;
}

export const failed = ({ attempts }: Due, { error, retryInMs, counts, park }: Failure) => ({
  error,
  dueAt: secondsFromNow(retryInMs / 1_000),
  ...(!counts && { attempts: sql`${attempts} - 1` }),
  ...(park && { parkedAt: sql`now()` }),
});

export const succeeded = { error: null, parkedAt: null };

/** No attempt is left, and the last one has no result. */
export class NeverEnded extends Error {
  override name = 'NeverEnded';
  constructor() {
    super('the last attempt did not end: its process was killed, or it took too long');
  }
}

/** Counts as an attempt: else it would look like what was taken for the last time and did not end. */
export const released = ({ attempts }: Due) => ({
  parkedAt: null,
  dueAt: sql`now()`,
  attempts: sql`${attempts} + 1`,
});
