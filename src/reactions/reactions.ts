import { countDaily } from './count-daily.ts';
import type { AncillaryReaction } from './reaction.ts';

/** What follows from events: to add one, write its file and name it here. */
export const ancillaryReactions = (): AncillaryReaction[] => [countDaily];
