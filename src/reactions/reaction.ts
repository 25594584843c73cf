import type { Transaction } from '../guard/database.ts';
import type { SagaEvent } from '../services/registry/append-event.ts';

/**
 * Follows events, outside any saga. `apply` runs in a transaction of the database `unwind`, exactly once; `perform`
 * reaches outside, at least once.
 */
export type AncillaryReaction = {
  name: string;
  /** Event types. */
  on: readonly string[];
} & (
  | { apply(tx: Transaction, event: SagaEvent): Promise<void> }
  /** Must end within the lease of 30 seconds. */
  | { perform(event: SagaEvent): Promise<void> }
);

/** What a reaction needs is down. It is retried without counting attempts. */
export class Outage extends Error {
  override name = 'Outage';
}
