import { z } from 'zod';
import type { Decision } from './decision.ts';
import type { SagaError, SagaErrors } from './errors.ts';
import type { SagaState } from './state.ts';
import type { StepId, StepKey, StepOp } from './step.ts';

export const operatorActions = ['retry', 'correct', 'resolve', 'compensate'] as const;
export type OperatorAction = (typeof operatorActions)[number];

/** A command of an operator. */
export interface Command {
  action: OperatorAction;
  /** Makes a resent command count once. */
  id?: string | undefined;
  by: string;
  reason: string;
  step?: string | undefined;
  /** Of `correct`: the fields to change. */
  input?: Record<string, unknown> | undefined;
}

/** One entry of the compensation stack. */
export interface StackEntry extends StepKey {
  /** Its index: undone from the highest to the lowest. */
  position: number;
  /** The branch of a parallel block whose branches are undone side by side. */
  branch?: { block: number; index: number };
}

/** A step that a history tells of, without its service. */
export type FoundStep = Omit<StackEntry, 'service' | 'branch'>;

/** Something that waits for an operator; `step` and `op` are null when it is the saga as a whole. */
export interface Parked {
  step: string | null;
  op: StepOp | null;
  generation: number;
  error: SagaError;
  possible: readonly OperatorAction[];
  /** What the step was given. */
  input?: unknown;
  /** The command it was settled with: set once. */
  order?: Command;
  /** Of the saga as a whole: why the command could not be carried out, or null, once that is known. */
  refusal?: string | null;
}

/** What a part of the saga's code has answered, in the order of the code; `branches` of a parallel block. */
export interface JournalLine {
  name: string;
  value?: unknown;
  branches?: JournalLine[][];
}

/** A step under way; a correction changes both. */
export interface OpenStep {
  entry: StackEntry;
  input: unknown;
  /** What came of it ahead of the workflow, where that is known; absent: it is run by the workflow. */
  ahead?: { error?: SagaError | undefined } | undefined;
}

interface Shown {
  state: SagaState;
  step: string;
}

/** All that a saga knows: plain data, so that it goes along when the workflow continues as new. */
export interface SagaData {
  journal: JournalLine[];
  stack: StackEntry[];
  /** How many steps there were, and how often each. */
  position: number;
  counts: Record<string, number>;
  /** The step outside of any parallel block that is under way. */
  open: OpenStep | null;
  /** The services whose steps the workflow's worker runs in its own process. */
  placement: string[];
  /** Those of whose steps any may have been done that nobody has told of. */
  unrecorded: string[];
  committed: boolean;
  errors: SagaErrors;
  parked: Parked[];
  alerted: string[];
  decision: Decision | null;
  /** When the wait for the decision ends: milliseconds since 1970, as all moments here. */
  decideBy: number | null;
  deadline: number | null;
  /** Commands with an id, which count once. */
  handled: Command[];
  unwinding: { since: number; cancelled: boolean } | null;
  /** Something was settled by hand. */
  resolved: boolean;
  /** The deadline has passed, and the timeline says so. */
  deadlinePassed: boolean;
  /** What an unwinder was told of its saga's steps, before Temporal forgot them. */
  found: FoundStep[];
  /** A run before this one was reset: it may have done what this one does not know. */
  reset: boolean;
  /** It is not known yet whether what was done before the reset has been undone. */
  maybeUndone: boolean;
  /** How often that was asked. */
  asked: number;
  /** The steps of which it is known that they have been, or are being, undone. */
  undone: string[];
  /** Pivots that were fenced though the saga goes forward: they run as their next generation. */
  fenced: StepId[];
  /** Somebody has begun to settle the saga by hand, so that nothing of it is undone any more. */
  settling: boolean;
  /** Where the saga is, apart from what is parked, and what the world was told. */
  base: Shown;
  shown: Shown | null;
}

/** The part of `SagaData` that is read from the input of a run that was continued, where older runs are gone. */
export const carriedSchema = z.object({
  stack: z.array(z.object({ step: z.string(), generation: z.int(), position: z.int() })),
  committed: z.boolean(),
  unrecorded: z.array(z.string()).default([]),
});

/** What a run begins with. `carried`: what the run before it knew, which may be older than some of the fields. */
export const freshData = (carried?: Partial<SagaData>): SagaData => ({
  journal: [],
  stack: [],
  position: 0,
  counts: {},
  open: null,
  placement: [],
  unrecorded: [],
  committed: false,
  errors: { execution: [], compensation: [] },
  parked: [],
  alerted: [],
  decision: null,
  decideBy: null,
  deadline: null,
  handled: [],
  unwinding: null,
  resolved: false,
  deadlinePassed: false,
  found: [],
  reset: false,
  maybeUndone: false,
  asked: 0,
  undone: [],
  fenced: [],
  settling: false,
  base: { state: 'running', step: '' },
  shown: null,
  ...carried,
});
