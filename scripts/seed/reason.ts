import { reasonOf } from '../../src/cli/why-unusable.ts';
import { StepError } from '../../src/saga/errors.ts';

/** Why a customer could not be entered, and what to do about a conflict. */
export function whyNot(error: unknown): string {
  const reason = reasonOf(error);
  return isConflict(error)
    ? `${reason}: this seed was used with another --today, or by another version. Take another --seed`
    : reason;
}

const isConflict = (error: unknown): boolean =>
  error instanceof StepError ? error.type === 'conflict' : error instanceof Error && isConflict(error.cause);
