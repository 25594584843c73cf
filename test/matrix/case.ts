import type { OperatorAction } from '../../src/saga/command.ts';
import { contractsOf, type SagaName, type Way } from './sagas.ts';

const ownFailures = ['refused', 'spent', 'timed out'] as const;
/** The step itself fails: refused, after all its attempts, or for want of an answer after its commit. */
export type OwnFailure = (typeof ownFailures)[number];

/** What goes wrong at a step. Before, during, after: it has not begun, is under way, is done when it happens. */
export const failures = [
  ...ownFailures,
  'cancelled before',
  'cancelled during',
  'cancelled after',
  'terminated before its commit',
  'terminated after its commit',
] as const;
export type Failure = (typeof failures)[number];

export const policies = ['continue', 'stop'] as const;
export type Policy = (typeof policies)[number];

/** Whether a saga's steps run with its worker. */
export const placements = ['apart', 'together'] as const;
type Placement = (typeof placements)[number];

/** How a compensation misbehaves. */
export type Trouble = 'fails, then works' | 'is parked and retried' | 'is parked and resolved';

export interface Case {
  saga: SagaName;
  way: Way;
  step: string;
  failure: Failure;
  /** What an operator orders when the step itself is parked, or the saga was terminated. */
  operator: OperatorAction | null;
  undo: { step: string; trouble: Trouble } | null;
  policy: Policy;
  placement: Placement;
}

export const isOwn = (failure: Failure): failure is OwnFailure =>
  ownFailures.some((known) => known === failure);

export const isTermination = (failure: Failure) => failure.startsWith('terminated');

/** The moment at which somebody cancels or terminates the saga. */
export interface Interruption {
  by: 'cancel' | 'terminate';
  /** The step that is under way then; null: the saga waits for a decision. */
  during: string | null;
  /** Whether its effect has been committed by then. */
  committed: boolean;
}

export function interruptionOf({ saga, way, step, failure }: Case): Interruption | null {
  const index = way.steps.indexOf(step);
  const waitsAt = way.steps.indexOf(way.decidedBefore ?? '');
  const inFlight = (at: number) => contractsOf(saga, way)[at]?.name ?? null;
  switch (failure) {
    case 'cancelled before':
      return { by: 'cancel', during: waitsAt === index ? null : inFlight(index - 1), committed: false };
    case 'cancelled during':
      return { by: 'cancel', during: step, committed: true };
    case 'cancelled after':
      return { by: 'cancel', during: waitsAt === index + 1 ? null : inFlight(index + 1), committed: false };
    case 'terminated before its commit':
    case 'terminated after its commit':
      return { by: 'terminate', during: step, committed: failure === 'terminated after its commit' };
    default:
      return null;
  }
}

/** So often is everything tried but a pivot: see test/support/workflows/quick-steps.ts. */
export const quickAttempts = 2;

/** What a case is made of. */
export const factorsOf = ({ saga, way, step, failure, operator, undo, policy, placement }: Case) => ({
  way: `${saga}, ${way.name}`,
  step,
  failure,
  operator: operator ?? 'none',
  undo: undo?.step ?? 'none',
  trouble: undo?.trouble ?? 'none',
  policy,
  placement,
});
