import { refuse, StepError } from '../saga/errors.ts';

const words = 'is held by the running saga ';

/** The row is in the hands of a saga: whoever wants it may ask for that saga. */
export const refuseHeld = (what: string, holder: string): never =>
  refuse(`${what} ${words}${holder}`, { saga_id: holder });

/** The saga that a refusal named, also when only its words came through. */
export function holderIn(refusal: StepError | string): string | undefined {
  const text = refusal instanceof StepError ? refusal.message : refusal;
  return text.split(words)[1];
}
