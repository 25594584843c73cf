import type { SagaError } from '../errors.ts';
import type { SagaRun } from './run.ts';

/** Thrown inside a saga when it cannot go on; the reason is in `errors.execution`. */
export class CannotGoOn extends Error {
  override name = 'CannotGoOn';
}

/** Ends the forward way for a reason that is not a step's. Not possible past the pivot. */
export function fail(run: SagaRun, reason: Pick<SagaError, 'type' | 'message'>): never {
  if (run.data.committed) throw new Error(`past the pivot a saga cannot fail: ${reason.message}`);
  run.record(reason);
  throw new CannotGoOn(reason.message);
}
