import { refuse } from '../saga/errors.ts';

const words = 'is held by the running saga ';

/** The row is in the hands of a saga: whoever wants it may ask for that saga. */
export const refuseHeld = (what: string, holder: string): never =>
  refuse(`${what} ${words}${holder}`, { saga_id: holder });

/** The saga that a refusal named, where only its words came through. */
export const holderIn = (refusal: string): string | undefined => refusal.split(words)[1];
