import { z } from 'zod';
import type { Command, OperatorAction } from './command.ts';
import type { Decision } from './decision.ts';
import type { SagaError, SagaErrors } from './errors.ts';
import type { SagaState } from './state.ts';
import type { ServiceStep, StepId, StepOp } from './step.ts';

/** One entry of the compensation stack. */
export interface StackEntry extends ServiceStep {
  /** Its index: undone from the highest to the lowest. */
  position: number;
  /** The branch of a parallel block whose branches are undone side by side. */
  branch?: { block: number; index: number };
}

/** A step found in a history, without its service. */
export type FoundStep = Omit<StackEntry, 'service' | 'branch'>;

/** Something that waits for an operator; `step` and `op` are null for the saga as a whole. */
export interface Parked {
  step: string | null;
  op: StepOp | null;
  generation: number;
  error: SagaError;
  possible: readonly OperatorAction[];
  /** The step's input. */
  input?: unknown;
  /** The command that settles it: set once. */
  command?: Command;
  /** Of the saga as a whole: why the command could not be carried out, or null, once that is known. */
  refusal?: string | null;
}

/** The recorded result of one call of the saga's code, in the order of the code; `branches` of a parallel block. */
export interface JournalLine {
  name: string;
  value?: unknown;
  branches?: JournalLine[][];
}

/** A step in progress; a correction changes entry and input. */
export interface OpenStep {
  entry: StackEntry;
  input: unknown;
  /** Set if an inline run started it, with its error if that is final; absent: the workflow runs it. */
  ahead?: { error?: SagaError | undefined } | undefined;
}

interface Shown {
  state: SagaState;
  step: string;
}

/** What the saga's code has done, and what would undo it. */
interface Progress {
  journal: JournalLine[];
  stack: StackEntry[];
  /** How many steps were started, and how often each. */
  position: number;
  counts: Record<string, number>;
  /** The step in progress, outside of any parallel block. */
  open: OpenStep | null;
  committed: boolean;
  errors: SagaErrors;
}

/** Where it runs steps inline. */
interface Placement {
  /** The services whose steps the workflow's worker runs inline. */
  placement: string[];
  /** Services whose steps may have run without being recorded. */
  unrecorded: string[];
}

/** What it waits for, and the messages that it has received. */
interface Waiting {
  parked: Parked[];
  alerted: string[];
  decision: Decision | null;
  /** When the wait for the decision ends: milliseconds since 1970, as all times here. */
  decideBy: number | null;
  deadline: number | null;
  /** The deadline has passed and is on the timeline. */
  deadlinePassed: boolean;
  /** The newest commands with an id, which count once. */
  handled: Command[];
}

/** The way back. */
interface Unwinding {
  unwinding: { since: number; cancelled: boolean } | null;
  /** Something was resolved by an operator. */
  resolved: boolean;
  /** What an unwinder has read of its saga's steps; Temporal may delete them. */
  found: FoundStep[];
  /** An operator has started to resolve the saga: nothing of it is undone from now on. */
  settling: boolean;
}

/** After a reset: earlier runs may have done what this one does not know. */
interface AfterReset {
  reset: boolean;
  /** It is unknown whether steps done before the reset have been undone. */
  maybeUndone: boolean;
  /** How often the histories were queried for that. */
  asked: number;
  /** Steps that have been undone or are being undone. */
  undone: string[];
  /** Pivots that were fenced though the saga goes forward: they run as their next generation. */
  fenced: StepId[];
}

interface Published {
  /** Where the saga is, ignoring parked items. */
  base: Shown;
  /** What was published last. */
  shown: Shown | null;
}

/** Everything a saga knows: plain data, which continue-as-new carries over. */
export interface SagaData extends Progress, Placement, Waiting, Unwinding, AfterReset, Published {}

/** The part of `SagaData` that is read from the input of a run that was continued, where older runs are gone. */
export const carriedSchema = z.object({
  stack: z.array(z.object({ step: z.string(), generation: z.int(), position: z.int() })),
  committed: z.boolean(),
  unrecorded: z.array(z.string()).default([]),
});

/** The data of a new run. `carried`: those of the previous run, which may lack newer fields. */
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
