import type { z } from 'zod';
import type { SagaErrors } from './errors.ts';
import type { SagaState } from './state.ts';
import type { eventEntrySchema, stepEntrySchema } from './timeline-schema.ts';

export type StepEntry = z.infer<typeof stepEntrySchema>;
export type EventEntry = z.infer<typeof eventEntrySchema>;
export type TimelineEntry = StepEntry | EventEntry;

/** What one event changed. */
export interface Update {
  seq: number;
  entry?: TimelineEntry | undefined;
  state?: SagaState | undefined;
  /** With the state in which the saga has ended, where it is known at once: all that there is to tell. */
  whole?: SagaSnapshot | undefined;
}

/** All that Temporal's history says of a saga. */
export interface SagaSnapshot {
  state: SagaState;
  step: string | null;
  input: unknown;
  result: unknown;
  errors: SagaErrors;
  timeline: TimelineEntry[];
}
