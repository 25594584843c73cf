import { z } from 'zod';
import type { SagaErrors } from './errors.ts';
import type { SagaState } from './state.ts';
import { stepOps } from './step.ts';
import { utcTime } from './text.ts';

/** The state of one step or compensation. */
export const stepEntrySchema = z.object({
  /** The ordinal of the event that last changed this entry. Pending retries have no events. */
  seq: z.int(),
  step: z.string(),
  op: z.enum(stepOps),
  generation: z.int(),
  status: z.enum(['running', 'done', 'refused', 'failed', 'nothing-to-undo', 'parked', 'resolved']),
  attempt: z.int(),
  started_at: utcTime,
  finished_at: utcTime.nullable(),
  error: z.string().nullable(),
});

/** An event of the saga as a whole, with more fields by kind. */
export const eventEntrySchema = z.looseObject({
  seq: z.int(),
  event: z.enum(['decision', 'operator', 'ignored-signal', 'cancel-requested', 'deadline', 'alert']),
  at: utcTime,
});

export type StepEntry = z.infer<typeof stepEntrySchema>;
export type EventEntry = z.infer<typeof eventEntrySchema>;
export type TimelineEntry = StepEntry | EventEntry;

/** What one event changed. */
export interface Update {
  seq: number;
  /** This `seq` may have been sent with other content: send it again to everybody, or only to a client that resumes from it. */
  repeatsSeq?: 'always' | 'on-resume';
  entry?: TimelineEntry | undefined;
  state?: SagaState | undefined;
  /** The whole saga, with the state in which it has ended, if known. */
  whole?: SagaSnapshot | undefined;
}

/** Everything that Temporal's histories contain of a saga. */
export interface SagaSnapshot {
  state: SagaState;
  step: string | null;
  input: unknown;
  result: unknown;
  errors: SagaErrors;
  timeline: TimelineEntry[];
}
