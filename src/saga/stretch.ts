import { z } from 'zod';
import type { JournalLine, StackEntry } from './data.ts';
import { sagaErrorSchema } from './errors.ts';

/** One side of a step that ran in a stretch, as it is told afterwards. Times are RFC 3339, UTC. */
const toldStepSchema = z.object({
  op: z.enum(['do', 'undo']),
  step: z.string(),
  generation: z.int(),
  position: z.int(),
  started_at: z.string(),
  finished_at: z.string(),
  /** Absent: it failed. */
  result: z.unknown().optional(),
  /** It failed for good. */
  error: sagaErrorSchema.optional(),
});
export type ToldStep = z.infer<typeof toldStepSchema>;

/** What came of a stretch: steps in a row that one worker ran in its own process. */
export const stretchSchema = z.object({
  kind: z.literal('stretch'),
  told: z.array(toldStepSchema),
  /** The step that was begun and has no result. */
  begun: z.object({ step: z.string(), input: z.unknown() }).nullable(),
  /** The service whose step comes next, and which is not with this worker. */
  away: z.string().nullable(),
  /** The saga's code has come to its end, with this result. */
  ended: z.object({ result: z.unknown() }).nullable().default(null),
  /** Nothing was done: it must be recorded before it begins. */
  put_off: z.boolean().default(false),
});
export type Stretch = z.infer<typeof stretchSchema>;

export const emptyStretch = (): Stretch => ({
  kind: 'stretch',
  told: [],
  begun: null,
  away: null,
  ended: null,
  put_off: false,
});

/** Where a saga stands when a stretch begins. */
export interface StretchCall {
  saga_id: string;
  type: string;
  input: unknown;
  journal: JournalLine[];
  counts: Record<string, number>;
  position: number;
  placement: string[];
  /** The task that it is a part of has been tried before, and may have done more than anybody told. */
  again: boolean;
}

/** A saga whose start was answered with its first task, for a worker of this process. */
export interface StartedHere {
  type: string;
  sagaId: string;
  /** As its workflow gets it. */
  input: unknown;
  placement: readonly string[];
}

/** What such a saga's workflow calls first, when nobody has tried its first task before. */
export const firstCall = ({ type, sagaId, input, placement }: StartedHere): StretchCall => ({
  ...{ saga_id: sagaId, type, input, placement: [...placement] },
  ...{ journal: [], counts: {}, position: 0, again: false },
});

interface UndoStretchCall {
  saga_id: string;
  type: string;
  /** In the order in which they are to be undone. */
  entries: StackEntry[];
}

/** To be registered with the workers of the sagas' task queue. Each may be called once alone. */
export interface StretchActivities {
  /** Runs the saga's code from where it stands, as far as its steps are placed with this worker. */
  stretch(call: StretchCall): Promise<Stretch>;
  /** Undoes entries of the stack until one cannot be undone here and now. */
  undoStretch(call: UndoStretchCall): Promise<Stretch>;
}

export const stretchActivity: keyof StretchActivities = 'stretch';
export const undoStretchActivity: keyof StretchActivities = 'undoStretch';

/** So long a stretch may take until nothing answers for it any more; it begins no step after three seconds. */
export const stretchTimeout = '20 seconds';

/** The events of a saga's first task when nobody has tried it before: started, task scheduled, task started. */
export const eventsOfFreshTask = 3;

/** The field of the memo that names the services placed with the workers of the saga's task queue; absent: none. */
export const placementKey = 'placement';
export const placementSchema = z.array(z.string()).catch([]);
