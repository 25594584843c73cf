import { activityInfo } from '@temporalio/activity';
import type { Stretch, StretchActivities } from '../saga/stretch.ts';

/** A saga whose start was answered with its first task, for a worker of this process. */
interface StartedHere {
  type: string;
  sagaId: string;
  /** As its workflow gets it. */
  input: unknown;
  placement: readonly string[];
}

export interface HeadStarts {
  activities: StretchActivities;
  /** Begins the first stretch of a saga at once. Its workflow, which is about to call for it, gets what comes of it. */
  begin(started: StartedHere): void;
  /** Resolves when none that was begun is under way. */
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
  const begun = new Map<string, Promise<Stretch>>();

  function take(sagaId: string): Promise<Stretch> | undefined {
    const taken = begun.get(sagaId);
    begun.delete(sagaId);
    return taken;
  }

  return {
    activities: {
      undoStretch,
      stretch(call) {
        // A local one is called by a saga's first task alone; `again` is said when that is tried once more.
        const taken = activityInfo().isLocal ? take(call.saga_id) : undefined;
        return taken && !call.again ? taken : stretch(call);
      },
    },
    begin({ type, sagaId, input, placement }) {
      // Whether that has passed already is for the workflow to say, by Temporal's clock.
      if (hasDeadline(input)) return;
      const start = { journal: [], counts: {}, position: 0, placement: [...placement], again: false };
      const beginning = stretch({ saga_id: sagaId, type, input, ...start });
      // Its workflow meets it, if it calls for it at all.
      beginning.catch(() => {});
      begun.set(sagaId, beginning);
      setTimeout(() => take(sagaId), forgottenMs).unref();
    },
    settled: () => Promise.allSettled(begun.values()),
  };
}
