import type { Transaction } from '../guard/database.ts';
import type { SagaEvent } from '../services/registry/append-event.ts';

/**
 * What follows from events and belongs to no saga. `count` and the like are `applied` in a transaction of the
 * database `unwind`, exactly once; what reaches outside is `performed` at least once.
 */
export type AncillaryReaction = {
  name: string;
  /** The types of the events from which it follows. */
  on: readonly string[];
} & (
  | { apply(tx: Transaction, event: SagaEvent): Promise<void> }
  /** To be over within half a minute: then it is begun again. */
  | { perform(event: SagaEvent): Promise<void> }
);

/** What a reaction reaches for is away: not its fault, so it is tried until it is back. */
export class Outage extends Error {
  override name = 'Outage';
}
