import { z } from 'zod';

/** Errors that a step can answer and that no retry mends; any other error is retried. */
const finalErrors = ['refused', 'fenced', 'conflict'] as const;
export type FinalError = (typeof finalErrors)[number];

export const isFinalError = (type: unknown): type is FinalError =>
  finalErrors.some((known) => known === type);

/** A step's final answer: it is rolled back and the saga unwinds. */
export class StepError extends Error {
  override name = 'StepError';
  readonly type: FinalError;
  /** What a program may want to know of it, where somebody waits for the answer. */
  readonly more: Record<string, unknown>;
  constructor(type: FinalError, message: string, more: Record<string, unknown> = {}) {
    super(message);
    this.type = type;
    this.more = more;
  }
}

/** A compensation cannot run as things stand. It is tried again, and whoever finds it parked reads why. */
export class CannotUndo extends Error {
  override name = 'CannotUndo';
}

/** The business says no. */
export const refuse = (message: string, more?: Record<string, unknown>): never => {
  throw new StepError('refused', message, more);
};

const otherErrors = ['failed', 'timed-out', 'cancelled', 'deadline', 'given-up', 'terminated'] as const;

/** One line of a saga's two error lists. `at` is RFC 3339, UTC. */
export const sagaErrorSchema = z.object({
  step: z.string().nullable(),
  op: z.enum(['do', 'undo']).nullable(),
  type: z.enum([...finalErrors, ...otherErrors]),
  message: z.string(),
  attempts: z.int(),
  at: z.string(),
  /** Who has settled it by hand, and why. */
  resolved: z.object({ by: z.string(), reason: z.string(), at: z.string() }).optional(),
});
export type SagaError = z.infer<typeof sagaErrorSchema>;

/** An error of the saga as a whole. */
export const wholeSagaError = (
  { type, message }: Pick<SagaError, 'type' | 'message'>,
  at: string,
): SagaError => ({
  step: null,
  op: null,
  type,
  message,
  attempts: 0,
  at,
});

/** How the timeline shows the side of a step that ended with it. */
export const statusOf = ({ type }: SagaError) => (type === 'refused' ? 'refused' : 'failed');

export interface SagaErrors {
  execution: SagaError[];
  compensation: SagaError[];
}

export const timedOut = 'did not answer in time';

/** The step wrapper says in a failure's first detail at which attempt it happened. */
export function attemptsOf(details: readonly unknown[] | null | undefined): number | undefined {
  const [first] = details ?? [];
  return typeof first === 'object' &&
    first !== null &&
    'attempts' in first &&
    typeof first.attempts === 'number'
    ? first.attempts
    : undefined;
}
