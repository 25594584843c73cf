import { z } from 'zod';
import { takesPart } from '../../choreography/purchase.ts';
import type { Database } from '../../guard/database.ts';
import { isEnded } from '../../saga/state.ts';
import { searchChoreographies } from '../../services/registry/find-choreographies.ts';
import { askDatabase } from '../ask-database.ts';
import { moment } from '../http/cursor.ts';
import { listedChoreography } from './by-ids.ts';
import type { Candidate, SagaFilter } from './visibility.ts';

/** The last saga of the previous page. */
export const choreographedPlace = z.strictObject({ ended: z.boolean(), id: z.guid(), at: moment });
type Place = z.output<typeof choreographedPlace>;
type Found = Candidate & { place: Place };

/** Choreographed sagas in the order of Temporal's: open ones first, newest start first; then ended ones, last end first. */
export class ChoreographedSagas {
  readonly #registry: Database;
  readonly #filter: SagaFilter;
  /** Still to be read: false for open sagas, true for ended ones. */
  #passes: boolean[];
  #found: Found[] = [];
  #last: Place | undefined;

  constructor(registry: Database, filter: SagaFilter, place: Place | null | undefined) {
    this.#registry = registry;
    this.#filter = filter;
    this.#last = place ?? undefined;
    this.#passes = place === null ? [] : passesFor(filter).filter((ended) => ended || !place?.ended);
  }

  /** The next saga, undefined at the end. `pageSize` is for the next page, if one has to be read. */
  async peek(pageSize: number): Promise<Found | undefined> {
    for (;;) {
      const [found] = this.#found;
      const [ended] = this.#passes;
      if (found || ended === undefined) return found;
      const after = this.#last?.ended === ended ? this.#last : undefined;
      const search = { ...this.#filter, ended, limit: pageSize, after };
      const rows = await askDatabase(() => searchChoreographies(this.#registry, search));
      this.#found = rows.map((row) => {
        const at = row.endedAt ?? row.createdAt;
        return { saga: listedChoreography(row), at, place: { ended, id: row.id, at } };
      });
      if (rows.length < pageSize) this.#passes = this.#passes.slice(1);
    }
  }

  take({ saga, place }: Found) {
    this.#found.shift();
    this.#last = place;
    return saga;
  }

  place(): Place | null | undefined {
    return this.#found.length === 0 && this.#passes.length === 0 ? null : this.#last;
  }
}

function passesFor({ type, state, step }: SagaFilter): boolean[] {
  const canMatch = (type === undefined || type === 'purchase') && (step === undefined || takesPart(step));
  if (!canMatch) return [];
  return state === undefined ? [false, true] : [isEnded(state)];
}
