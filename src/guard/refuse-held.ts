import { refuse } from '../saga/errors.ts';

const words = 'is held by the running saga ';

export const refuseHeld = (what: string, holder: string): never =>
  refuse(`${what} ${words}${holder}`, { saga_id: holder });

/** The saga that the text of such a refusal names. */
export const holderIn = (refusal: string): string | undefined => refusal.split(words)[1];
