import { z } from 'zod';
import type { JournalLine, StackEntry } from '../data.ts';
import { sagaErrorSchema } from '../errors.ts';
import { stepOps } from '../step.ts';

/** One side of a step that ran inline, as its activity reports it. Times are RFC 3339, UTC. */
const inlineStepSchema = z.object({
  op: z.enum(stepOps),
  step: z.string(),
  generation: z.int(),
  position: z.int(),
  started_at: z.string(),
  finished_at: z.string(),
  /** Absent if it failed. */
  result: z.unknown().optional(),
  /** A final error. */
  error: sagaErrorSchema.optional(),
});
export type InlineStep = z.infer<typeof inlineStepSchema>;

/** The outcome of an inline run: consecutive steps that one worker ran in its own process. Field names are recorded. */
export const inlineRunSchema = z.object({
  kind: z.literal('stretch'),
  told: z.array(inlineStepSchema),
  /** The step that was started and has no result. */
  begun: z.object({ step: z.string(), input: z.unknown() }).nullable(),
  /** The service of the next step, if this worker does not run it. */
  away: z.string().nullable(),
  /** The result of the saga's code, if it ended. */
  ended: z.object({ result: z.unknown() }).nullable().default(null),
  /** Nothing ran: the run must be recorded before it starts. */
  put_off: z.boolean().default(false),
  /** The deadline has passed before the next step. */
  overdue: z.boolean().default(false),
});
export type InlineRun = z.infer<typeof inlineRunSchema>;

export const emptyInlineRun = (): InlineRun => ({
  kind: 'stretch',
  told: [],
  begun: null,
  away: null,
  ended: null,
  put_off: false,
  overdue: false,
});

/** Where a saga stands when an inline run starts. */
export interface InlineCall {
  saga_id: string;
  type: string;
  input: unknown;
  journal: JournalLine[];
  counts: Record<string, number>;
  position: number;
  placement: string[];
  /** Milliseconds since 1970: no step is started after it. Null past the pivot. */
  deadline: number | null;
  /** An earlier attempt of the same workflow task may have run steps that were not recorded. */
  again: boolean;
}

/** A saga whose start response carried its first task, for a worker of this process. */
export interface EagerStart {
  type: string;
  sagaId: string;
  /** As its workflow receives it. */
  input: unknown;
  placement: readonly string[];
}

/** The first call of such a saga's workflow, in the first attempt of its first task. */
export const firstCall = ({ type, sagaId, input, placement }: EagerStart): InlineCall => ({
  saga_id: sagaId,
  type,
  input,
  placement: [...placement],
  journal: [],
  counts: {},
  position: 0,
  deadline: null,
  again: false,
});

interface InlineUndoCall {
  saga_id: string;
  type: string;
  /** In undo order. */
  entries: StackEntry[];
}

/** To register with the workers of the sagas' task queue. Never retried. Names are recorded. */
export interface InlineActivities {
  /** Runs the saga's code from where it stands, as far as this worker has its steps. */
  stretch(call: InlineCall): Promise<InlineRun>;
  /** Undoes entries of the stack up to the first whose service this worker does not run. */
  undoStretch(call: InlineUndoCall): Promise<InlineRun>;
}

export const inlineActivity: keyof InlineActivities = 'stretch';
export const inlineUndoActivity: keyof InlineActivities = 'undoStretch';

/** The time limit of an inline run, which starts no step after three seconds. */
export const inlineTimeout = '20 seconds';

/** The events of a saga in the first attempt of its first task: started, task scheduled, task started. */
export const eventsOfFreshTask = 3;

/** The memo field that names the services placed with the workers of the saga's task queue; absent: none. */
export const placementKey = 'placement';
export const placementSchema = z.array(z.string()).catch([]);
