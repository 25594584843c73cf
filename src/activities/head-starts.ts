import { activityInfo } from '@temporalio/activity';
import { firstCall, type StartedHere, type Stretch, type StretchActivities } from '../saga/stretch.ts';

export interface HeadStarts {
  activities: StretchActivities;
  /** Begins the first stretch of a saga at once. Its workflow, which is about to call for it, gets what comes of it. */
  begin(started: StartedHere): void;
  /** Resolves when none is under way that nobody has called for. */
  settled(): Promise<unknown>;
}

/** Nobody calls for it any more: a first task is tried again after ten seconds, and then is no first one. */
const forgottenMs = 20_000;

const hasDeadline = (input: unknown) =>
  typeof input === 'object' && input !== null && 'deadline' in input && input.deadline !== undefined;

/**
 * First stretches, begun while their workflow is still on its way to them. What a saga may have done that no history
 * tells of is the same either way: all that is placed with its worker, from its start until its first task is told.
 */
export function headStarts({ stretch, undoStretch }: StretchActivities): HeadStarts {
  /** By saga; null: its first task has called, so that nothing may begin which that will not tell of. */
  const begun = new Map<string, Promise<Stretch> | null>();

  function set(sagaId: string, beginning: Promise<Stretch> | null) {
    if (!begun.has(sagaId)) setTimeout(() => begun.delete(sagaId), forgottenMs).unref();
    begun.set(sagaId, beginning);
  }

  function take(sagaId: string): Promise<Stretch> | null {
    const taken = begun.get(sagaId) ?? null;
    set(sagaId, null);
    return taken;
  }

  return {
    activities: {
      undoStretch,
      stretch(call) {
        // A local one is called by a saga's first task alone; `again` is said when that is tried once more.
        const taken = activityInfo().isLocal ? take(call.saga_id) : null;
        return taken && !call.again ? taken : stretch(call);
      },
    },
    begin(started) {
      const { sagaId, input } = started;
      // Whether a deadline has passed already is for the workflow to say, by Temporal's clock.
      if (begun.has(sagaId) || hasDeadline(input)) return;
      const beginning = stretch(firstCall(started));
      // Its workflow meets it, if it calls for it at all.
      beginning.catch(() => {});
      set(sagaId, beginning);
    },
    settled: () => Promise.allSettled(begun.values()),
  };
}
