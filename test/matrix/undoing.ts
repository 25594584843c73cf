import { type Case, quickAttempts } from './case.ts';
import { sagas } from './sagas.ts';
import type { Script } from './script.ts';
import type { Place } from './tale.ts';

/** Plays the compensations of a case. */
export class Undoing {
  /** Something was settled by hand. */
  resolved = false;
  /** The steps whose compensations were tried, in their order. */
  readonly tried: string[] = [];
  readonly #case: Case;
  readonly #script: Script;

  constructor(one: Case, script: Script) {
    this.#case = one;
    this.#script = script;
  }

  /** Undoes these, in this order. What is parked holds up the others where the policy says so. */
  all(places: readonly Place[]) {
    const parked: Place[] = [];
    for (const place of places) {
      if (this.#try(place)) continue;
      if (this.#case.policy === 'stop') this.#settle(place);
      else parked.push(place);
    }
    for (const place of parked) this.#settle(place);
  }

  /** Undoes one before anything else happens. */
  one(place: Place) {
    if (!this.#try(place)) this.#settle(place);
  }

  /** Answers false when it is parked. */
  #try(place: Place): boolean {
    const { tale } = this.#script;
    this.tried.push(place.step);
    const { step, trouble } = this.#case.undo ?? {};
    const works = step !== place.step || trouble === 'fails, then works';
    if (works && !this.#isBlocked(place)) {
      this.#reverse(place);
      return true;
    }
    tale.shows('undo', place, 'parked');
    tale.fails('undo', place, 'failed', quickAttempts);
    tale.happens(`alert undo ${place.step}`);
    return false;
  }

  /** The operator sees to what is parked; another try does not help where what it needs was not undone. */
  #settle(place: Place) {
    const { tale } = this.#script;
    const { step } = place;
    if (this.#case.undo?.trouble === 'is parked and retried' && !this.#isBlocked(place)) {
      this.#script.order({ action: 'retry', step });
      tale.mended('undo', place);
      this.#reverse(place);
      return;
    }
    this.#script.order({ action: 'resolve', step });
    tale.reverses(place, true);
    tale.shows('undo', place, 'resolved');
    tale.resolved('undo', place);
    this.resolved = true;
  }

  #reverse(place: Place) {
    const outcome = this.#script.tale.reverses(place);
    this.#script.tale.shows('undo', place, outcome === 'undone' ? 'done' : outcome);
  }

  #isBlocked(place: Place): boolean {
    const { tale } = this.#script;
    const need = sagas[this.#case.saga].undoNeeds[place.step];
    return need !== undefined && tale.hasCommitted(place) && tale.stands(need);
  }
}
