import type { FoundStep } from './data.ts';
import type { StepId, StepOp } from './step.ts';

/** What Temporal's histories contain of a saga, over all its runs. */
export interface FoundSaga {
  /** How the newest run stands; `gone`: past Temporal's retention. */
  status: 'open' | 'ended' | 'terminated' | 'timed-out' | 'gone';
  /** Who or what ended it, if known. */
  reason: string;
  /** Every step that was scheduled, in any run and generation. */
  steps: FoundStep[];
  /** Services whose steps may have run without being recorded; absent: none. */
  unrecorded?: string[];
  /** A run that is no longer kept was past the pivot. */
  committed?: boolean;
  /** Every step whose undo was started in any run, or which the unwinder is about to undo. */
  undone?: StepId[];
  /** The run that queried. */
  askedBy?: string | undefined;
}

/** Something is parked, or has taken too long. */
export interface Alert {
  saga_id: string;
  type: string;
  step: string | null;
  op: StepOp | null;
  error: string;
  /** RFC 3339, UTC. */
  since: string;
  /** Absent: its workflow. */
  link?: string;
}

/** Some of the sagas that have ended. */
export interface EndedSagas {
  sagaIds: string[];
  /** Where the next page begins; null on the last. */
  next: string | null;
}

/** For the workers of the sagas' task queue. */
export interface UpkeepActivities {
  findSaga(type: string, sagaId: string): Promise<FoundSaga>;
  /**
   * Starts an unwinder for each saga that was terminated or timed out at `since` (RFC 3339) or later.
   * Returns the `since` of the next call.
   */
  startUnwinders(since: string | null): Promise<string>;
  /** Sagas that ended at `since` (RFC 3339) or later. A terminated saga ends with its unwinder. */
  endedSagas(since: string | null, page: string | null): Promise<EndedSagas>;
  /** `id` is the same for each attempt. */
  pushAlert(alert: Alert, id: string): Promise<void>;
}

/** For the workers of each service whose rows sagas lock. */
export interface LockActivities {
  /** Releases the locks of these sagas. */
  releaseLocks(sagaIds: string[]): Promise<void>;
}
