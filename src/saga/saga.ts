import type { z } from 'zod';
import type { Decision } from './decision.ts';
import type { SagaError } from './errors.ts';
import type { StepContract } from './step.ts';

/**
 * What a saga's code works with. The code may run again from its beginning: what was answered before is answered
 * again, so it must depend on its input and these answers alone.
 */
export interface Saga {
  readonly id: string;

  /**
   * Runs a step. It is on the stack before its first attempt, so that a failure, a timeout or a lost reply are undone
   * as well. Throws what ends the saga's forward way: saga code lets it pass.
   */
  step<I extends z.ZodType, R extends z.ZodType>(
    contract: StepContract<I, R>,
    input: z.input<I>,
  ): Promise<z.input<R>>;

  /**
   * Runs branches side by side and answers their results in the order given. When one fails the others stop after
   * their current step, and then the saga unwinds: in the reverse order of the starts or, with `independent`, branch
   * beside branch. A pivot belongs in no branch.
   */
  parallel<T>(branches: readonly (() => Promise<T>)[], options?: { independent?: boolean }): Promise<T[]>;

  /**
   * Waits for the first valid decision: one a saga, before its pivot, and in no branch. Throws when none has come
   * within `timeout`, an ISO 8601 duration.
   */
  decision(timeout: string): Promise<Decision>;

  /**
   * Whether this saga goes the way of a change to its code: false for one that was past this place before the change.
   * `change` names the change, and this place alone.
   */
  changed(change: string): boolean;

  /** Ends the forward way for a reason that is no step's. Past the pivot there is no other way. */
  fail(reason: Pick<SagaError, 'type' | 'message'>): never;
}
