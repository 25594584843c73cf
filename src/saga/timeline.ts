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
