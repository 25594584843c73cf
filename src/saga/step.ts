import { z } from 'zod';

/** Each attempt may take `timeout`; the delay between attempts doubles from `backoff` to `backoffCap`. */
interface RetryPolicy {
  /** Attempts before a step fails or a compensation is parked. A pivot is retried until its outcome is known. */
  attempts: number;
  /** Milliseconds. */
  timeout: number;
  /** Milliseconds. */
  backoff: number;
  /** Milliseconds. */
  backoffCap: number;
}

/** The names of the events that a step publishes. */
interface StepEvents {
  done?: string;
  /** For choreographed sagas. */
  refused?: string;
  undone?: string;
}

/**
 * The public part of a step: no I/O, safe inside a workflow. Its schemas decode the transmitted JSON into the values that
 * the implementation works with.
 */
export interface StepContract<
  Input extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
  Compensation extends string | null = string | null,
> {
  readonly name: string;
  /** The service that runs it: the name of its task queue and of its database. */
  readonly service: string;
  /** Shown in the Web UI. */
  readonly summary: string;
  readonly input: Input;
  readonly result: Result;
  /** What its undo does; null if there is nothing to undo, or undoing is not allowed. */
  readonly compensation: Compensation;
  /** Once it has committed, the saga can only go forward. */
  readonly pivot: boolean;
  /** Fields of the input that an operator may correct. If there are any, a failed step is parked before the saga unwinds. */
  readonly correctable: readonly string[];
  readonly retry: RetryPolicy;
  readonly undoRetry: RetryPolicy;
  readonly events: StepEvents;
}

export const defaultRetry: RetryPolicy = { attempts: 20, timeout: 5_000, backoff: 200, backoffCap: 10_000 };

/** The result of a step without data. Past the pivot, such a step can be resolved by hand. */
export const noResult = z.object({});

type Definition<I extends z.ZodType, R extends z.ZodType, C extends string | null> = Pick<
  StepContract<I, R, C>,
  'name' | 'service' | 'summary' | 'input' | 'result' | 'compensation'
> & {
  pivot?: boolean;
  correctable?: readonly Extract<keyof z.input<I>, string>[];
  retry?: Partial<RetryPolicy>;
  undoRetry?: Partial<RetryPolicy>;
  events?: StepEvents;
};

/** Throws if a correctable step could not be undone: it is a pivot or has no compensation. */
export function defineStep<I extends z.ZodType, R extends z.ZodType, C extends string | null>({
  pivot = false,
  correctable = [],
  retry = {},
  undoRetry = {},
  events = {},
  ...rest
}: Definition<I, R, C>): StepContract<I, R, C> {
  if (correctable.length > 0 && (pivot || rest.compensation === null))
    throw new Error(`${rest.name} cannot be correctable: its first try could not be undone`);
  return {
    ...rest,
    pivot,
    correctable,
    retry: { ...defaultRetry, ...retry },
    undoRetry: { ...defaultRetry, ...undoRetry },
    events,
  };
}

/** The contract of a step as the stack names it: `name` or `name#2`. Throws if it is not in the list. */
export function contractNamed(steps: readonly StepContract[], step: string): StepContract {
  const name = step.replace(/#\d+$/, '');
  const contract = steps.find((known) => known.name === name);
  if (!contract) throw new Error(`${step} is not in the saga's list of steps`);
  return contract;
}

/** Names one run of a step within its saga. */
export interface StepId {
  /** The contract's name; `name#2` when a saga runs it a second time. */
  step: string;
  /** 1, or more after corrections. */
  generation: number;
}

export const isSameStep = (one: StepId, other: StepId) =>
  one.step === other.step && one.generation === other.generation;

/** A recorded result as callers of the step receive it. */
export const encodedResult = <R extends z.ZodType>({ result }: { result: R }, value: unknown): z.input<R> =>
  z.encode(result, result.parse(value));

/** A run of a step, and the service that runs it. */
export interface ServiceStep extends StepId {
  service: string;
}

/** The argument of an activity. `input` is absent for a compensation. */
export interface StepCall extends StepId {
  saga_id: string;
  /** The step's index on the stack. */
  position: number;
  input?: unknown;
  /** Of an undo: an operator has resolved this side of the step, so it is fenced and nothing is reversed. */
  by_hand?: StepOp;
}

export const stepOps = ['do', 'undo'] as const;
export type StepOp = (typeof stepOps)[number];

/** The outcome of a compensation; only a pivot, which is never reversed, returns `committed`. */
export const undoOutcomeSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.enum(['undone', 'nothing-to-undo', 'resolved']) }),
  z.object({ outcome: z.literal('committed'), result: z.unknown() }),
]);
export type UndoOutcome = z.infer<typeof undoOutcomeSchema>;

export const activityType = (contractName: string, op: StepOp) =>
  op === 'do' ? contractName : `${contractName}:undo`;

export const activityId = (key: StepId, op: StepOp) => `${op}:${key.step}@${key.generation}`;

/** Undefined for an activity that is not a step. */
export function parseActivityId(id: string): (StepId & { op: StepOp }) | undefined {
  const [, op, step, generation] = /^(do|undo):(.+)@(\d+)$/.exec(id) ?? [];
  if ((op !== 'do' && op !== 'undo') || step === undefined) return undefined;
  return { op, step, generation: Number(generation) };
}
