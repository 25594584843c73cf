import type { SagaErrors } from './errors.ts';
import type { SagaState } from './state.ts';
import type { StepOp } from './step.ts';

/** One step or compensation, as it stands. Times are RFC 3339, UTC. */
export interface StepEntry {
  /** The ordinal of the event that last changed this entry; events of pending retries are none. */
  seq: number;
  step: string;
  op: StepOp;
  generation: number;
  status: 'running' | 'done' | 'refused' | 'failed' | 'nothing-to-undo' | 'parked' | 'resolved';
  attempt: number;
  started_at: string;
  finished_at: string | null;
  error: string | null;
}

/** Something that happened to the saga as a whole; further fields by kind. */
export interface EventEntry {
  seq: number;
  event: 'decision' | 'operator' | 'ignored-signal' | 'cancel-requested' | 'deadline' | 'alert';
  at: string;
  [detail: string]: unknown;
}

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
