import type { z } from 'zod';
import type { Decision } from './decision.ts';
import type { SagaError } from './errors.ts';
import type { StepContract } from './step.ts';

/** One per result. */
export type Branches<T extends readonly unknown[]> = { readonly [K in keyof T]: () => Promise<T[K]> };

/**
 * The interface of a saga's code. The code may run again from its beginning and then receives the recorded results, so it
 * must depend only on its input and these results.
 */
export interface Saga {
  readonly id: string;

  /**
   * Runs a step. It is on the stack before its first attempt, so a failure, a timeout or a lost reply is undone too. Do
   * not catch what it throws: it ends the forward way.
   */
  step<I extends z.ZodType, R extends z.ZodType>(
    contract: StepContract<I, R>,
    input: z.input<I>,
  ): Promise<z.input<R>>;

  /**
   * Runs branches in parallel and returns their results in the given order. When one fails, the others stop after their
   * current step and the saga unwinds: in reverse start order or, with `independent`, all branches in parallel. No
   * branch may contain a pivot.
   */
  parallel<T extends readonly unknown[] | []>(
    branches: Branches<T>,
    options?: { independent?: boolean },
  ): Promise<T>;

  /**
   * Waits for the first valid decision: one per saga, before the pivot, outside of branches. Throws when none comes
   * within `timeout`, an ISO 8601 duration.
   */
  decision(timeout: string): Promise<Decision>;

  /**
   * Whether this saga takes the new path of a change to its code: false if it was past this place before the change.
   * `change` is a unique name of the change and of this place.
   */
  changed(change: string): boolean;

  /** Ends the forward way for a reason that is not a step's. Not possible past the pivot. */
  fail(reason: Pick<SagaError, 'type' | 'message'>): never;
}
