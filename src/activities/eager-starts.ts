import { activityInfo } from '@temporalio/activity';
import {
  type EagerStart,
  firstCall,
  type InlineActivities,
  type InlineRun,
} from '../saga/inline/inline-run.ts';

export interface EagerStarts {
  activities: InlineActivities;
  /** Starts the first inline run of a saga at once. Its workflow, which is about to call it, receives the outcome. */
  begin(started: EagerStart): void;
  /** Resolves when no inline run is in progress that a workflow has not called. */
  settled(): Promise<unknown>;
}

/** No workflow calls it later: the first task is retried after ten seconds, and a retry does not use it. */
const forgottenMs = 20_000;

const hasDeadline = (input: unknown) =>
  typeof input === 'object' && input !== null && 'deadline' in input && input.deadline !== undefined;

/**
 * Starts the first inline run of a saga before its workflow has called it. Starting early adds no uncertainty: until the
 * first task is recorded, any co-located step may have run.
 */
export function eagerStarts({ stretch, undoStretch }: InlineActivities): EagerStarts {
  /** By saga; null once its first task has called: a later start would not be recorded. */
  const begun = new Map<string, Promise<InlineRun> | null>();

  function set(sagaId: string, beginning: Promise<InlineRun> | null) {
    if (!begun.has(sagaId)) setTimeout(() => begun.delete(sagaId), forgottenMs).unref();
    begun.set(sagaId, beginning);
  }

  function take(sagaId: string): Promise<InlineRun> | null {
    const taken = begun.get(sagaId) ?? null;
    set(sagaId, null);
    return taken;
  }

  return {
    activities: {
      undoStretch,
      stretch(call) {
        // Only a saga's first task calls it as a local activity; `again` is set when that task is retried.
        const taken = activityInfo().isLocal ? take(call.saga_id) : null;
        return taken && !call.again ? taken : stretch(call);
      },
    },
    begin(started) {
      const { sagaId, input } = started;
      // Only the workflow knows whether a deadline has passed, by Temporal's clock.
      if (begun.has(sagaId) || hasDeadline(input)) return;
      const beginning = stretch(firstCall(started));
      // Its workflow handles the rejection, if it calls at all.
      beginning.catch(() => {});
      set(sagaId, beginning);
    },
    settled: () => Promise.allSettled(begun.values()),
  };
}
