import { z } from 'zod';
import { stepOps } from './step.ts';
import { utcTime } from './text.ts';

/** Final errors of a step; any other error is retried. */
const finalErrors = ['refused', 'fenced', 'conflict'] as const;
type FinalError = (typeof finalErrors)[number];

export const isFinalError = (type: unknown): type is FinalError =>
  finalErrors.some((known) => known === type);

/** A final error of a step: its transaction is rolled back, and the saga unwinds. */
export class StepError extends Error {
  override name = 'StepError';
  readonly type: FinalError;
  /** Details for a program that waits for the outcome. */
  readonly more: Record<string, unknown>;
  constructor(type: FinalError, message: string, more: Record<string, unknown> = {}) {
    super(message);
    this.type = type;
    this.more = more;
  }
}

/** A compensation cannot run in the current state. It is retried; the message explains it once it is parked. */
export class CannotUndo extends Error {
  override name = 'CannotUndo';
}

/** Refuses for a business reason. A function, not a constant: what comes after its call is narrowed. */
export function refuse(message: string, more?: Record<string, unknown>): never {
  throw new StepError('refused', message, more);
}

const otherErrors = ['failed', 'timed-out', 'cancelled', 'deadline', 'given-up', 'terminated'] as const;

/** One line of a saga's two error lists. `at` is RFC 3339, UTC. */
export const sagaErrorSchema = z.object({
  step: z.string().nullable(),
  op: z.enum(stepOps).nullable(),
  type: z.enum([...finalErrors, ...otherErrors]),
  message: z.string(),
  attempts: z.int(),
  at: utcTime,
  /** Set if an operator resolved it. */
  resolved: z.object({ by: z.string(), reason: z.string(), at: utcTime }).optional(),
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

/** The timeline's status of a step that ended with the error. */
export const statusOf = ({ type }: SagaError) => (type === 'refused' ? 'refused' : 'failed');

export interface SagaErrors {
  execution: SagaError[];
  compensation: SagaError[];
}

export const timedOut = 'did not answer in time';

const detailSchema = z.object({ attempts: z.number() });

/** The attempt that failed, from the failure's first detail. */
export const attemptsOf = (details: readonly unknown[] | null | undefined): number | undefined =>
  detailSchema.safeParse(details?.[0]).data?.attempts;
