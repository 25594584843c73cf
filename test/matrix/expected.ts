import type { StepContract } from '../../src/saga/step.ts';
import {
  type Case,
  type Interruption,
  interruptionOf,
  isOwn,
  type OwnFailure,
  quickAttempts,
} from './case.ts';
import type { Closing } from './closing.ts';
import { contractsOf, sagas } from './sagas.ts';
import { Script, type Stop } from './script.ts';
import type { Place } from './tale.ts';
import { Undoing } from './undoing.ts';
import type { View } from './view.ts';

export interface Expected {
  /** What must be seen on the way, and what somebody does then. */
  stops: Stop[];
  end: View & { state: EndState };
  /** How its workflow closes, and then its unwinder's, if it has one. */
  closed: Closing[];
  rows: unknown;
  /** Part of the saga's result; null where it has none. */
  result: Record<string, unknown> | null;
  /** The steps whose compensations are tried, in their order. */
  undone: string[];
}

/** What the design says of a case. Knows nothing of the kernel's code. */
export const expectedOf = (one: Case): Expected => new Model(one).play();

type EndState = 'completed' | 'compensated' | 'cancelled' | 'failed';

const failedBy = {
  refused: { type: 'refused', status: 'refused', attempts: 1 },
  spent: { type: 'failed', status: 'failed', attempts: quickAttempts },
  'timed out': { type: 'timed-out', status: 'failed', attempts: quickAttempts },
} satisfies Record<OwnFailure, unknown>;

/** The fence of a pivot has found it committed. */
const foundCommitted = 'nothing-to-undo';

class Model {
  readonly #case: Case;
  readonly #steps: StepContract[];
  readonly #interruption: Interruption | null;
  readonly #script = new Script();
  readonly #tale = this.#script.tale;
  readonly #undoing: Undoing;
  #terminated = false;

  constructor(one: Case) {
    this.#case = one;
    this.#steps = contractsOf(one.saga, one.way);
    this.#interruption = interruptionOf(one);
    this.#undoing = new Undoing(one, this.#script);
  }

  play(): Expected {
    const state = this.#forward();
    const { saga, way } = this.#case;
    const end = { ...this.#tale.seen(state), state };
    const terminated = { status: 'TERMINATED', state: 'running' };
    return {
      stops: this.#script.stops,
      end,
      closed: [...(this.#terminated ? [terminated] : []), closingAs(end)],
      rows: sagas[saga].left(this.#tale.effects, way),
      result: state === 'completed' && !this.#terminated ? way.result : null,
      undone: this.#undoing.tried,
    };
  }

  #forward(): EndState {
    const { way, step, failure } = this.#case;
    for (const [position, contract] of this.#steps.entries()) {
      const place = this.#placeOf(position);
      if (contract.name === way.decidedBefore) {
        if (this.#interruption?.during === null) {
          this.#script.stop('waiting', 'cancel');
          return this.#cancelled(position - 1);
        }
        this.#script.stop('waiting', 'decide');
        this.#tale.happens('decision');
      }
      if (this.#interruption?.during === contract.name) {
        const end = this.#interrupted(place, this.#interruption);
        if (end) return end;
      } else if (step === contract.name && isOwn(failure)) {
        if (!this.#fails(contract, place, failure)) return this.#unwind(position, 'compensated');
      } else this.#does(place);
    }
    return 'completed';
  }

  #does(place: Place) {
    this.#tale.commits(place);
    this.#tale.shows('do', place, 'done');
  }

  /** The step settles first. Answers how the saga ends if it does not go on. */
  #interrupted(place: Place, { by, committed }: Interruption): EndState | undefined {
    this.#tale.shows('do', place, 'running');
    if (committed) this.#tale.commits(place);
    this.#script.stop('running', by);
    if (by === 'terminate') return this.#leftBehind(place, committed);
    this.#does(place);
    if (!this.#isPastPivot(place.position)) return this.#cancelled(place.position);
    this.#tale.happens('cancel-requested');
    return undefined;
  }

  #cancelled(position: number): EndState {
    this.#tale.happens('cancel-requested');
    this.#tale.stops('cancelled');
    return this.#unwind(position, 'cancelled');
  }

  /** Answers whether the saga goes on. */
  #fails(contract: StepContract, place: Place, failure: OwnFailure): boolean {
    const { type, status, attempts } = failedBy[failure];
    if (contract.pivot && type !== 'refused') {
      this.#does(place);
      return true;
    }
    if (type === 'timed-out') this.#tale.commits(place);
    this.#tale.fails('do', place, type, attempts);
    this.#tale.shows('do', place, status);
    if (contract.pivot) this.#undoing.one(place);
    return this.#case.operator !== null && this.#parked(place, status);
  }

  /** The step waits for the operator. */
  #parked(place: Place, status: string): boolean {
    const { operator: action, way } = this.#case;
    const { step } = place;
    const tale = this.#tale;
    tale.shows('do', place, 'parked');
    tale.happens(`alert do ${step}`);
    switch (action) {
      case 'retry':
        this.#script.order({ action, step });
        tale.mended('do', place);
        this.#does(place);
        return true;
      case 'resolve':
        this.#script.order({ action, step });
        tale.fences(place);
        tale.shows('do', place, 'resolved');
        tale.resolved('do', place);
        return true;
      case 'correct':
        this.#script.order({ action, step, input: way.correction });
        tale.shows('do', place, status);
        this.#undoing.one(place);
        tale.mended('do', place);
        this.#does({ ...place, generation: 2 });
        return true;
      default:
        this.#script.order({ action: 'compensate', step });
        tale.shows('do', place, status);
        tale.stops('given-up');
        return false;
    }
  }

  /** The unwinder obeys the operator, unless the pivot has committed. */
  #leftBehind(place: Place, committed: boolean): EndState {
    const tale = this.#tale;
    this.#terminated = true;
    tale.shows('do', place, 'failed');
    tale.stops('terminated');
    const pivot = this.#steps.findIndex((step) => step.pivot);
    const begun = [...this.#steps.keys()].slice(0, place.position + 1);
    if (begun.includes(pivot) && (pivot < place.position || committed)) {
      this.#script.orderUnwinder({ action: 'compensate', step: null, refused: true });
      tale.shows('undo', this.#placeOf(pivot), foundCommitted);
      if (pivot === place.position) tale.shows('do', place, 'done');
      this.#script.order({ action: 'resolve', step: null });
      tale.shows('undo', this.#placeOf(pivot), foundCommitted);
      tale.fences(place);
      tale.resolved('do', null);
      return 'completed';
    }
    const action = this.#case.operator === 'resolve' ? 'resolve' : 'compensate';
    this.#script.orderUnwinder({ action, step: null });
    if (begun.includes(pivot)) this.#undoing.one(place);
    if (action === 'compensate') return this.#unwind(place.position, 'compensated');
    for (const position of begun) if (position !== pivot) tale.reverses(this.#placeOf(position), true);
    tale.resolved('do', null);
    return 'failed';
  }

  #placeOf(position: number): Place {
    return { step: this.#steps[position]?.name ?? '', position, generation: 1 };
  }

  /** The pivot has committed when the step at this position has. */
  #isPastPivot(position: number): boolean {
    return this.#steps.slice(0, position + 1).some(({ pivot }) => pivot);
  }

  /** Reverses everything up to this position, last first. */
  #unwind(last: number, otherwise: 'compensated' | 'cancelled'): EndState {
    const begun = [...this.#steps.slice(0, last + 1).entries()];
    const toUndo = begun.filter(([, { compensation }]) => compensation !== null).reverse();
    this.#undoing.all(toUndo.map(([position]) => this.#placeOf(position)));
    return this.#undoing.resolved ? 'failed' : otherwise;
  }
}

function closingAs({ state, execution, compensation }: Expected['end']): Closing {
  if (state === 'completed') return { status: 'COMPLETED', state };
  if (state === 'cancelled') return { status: 'CANCELLED', state };
  const type = state === 'failed' ? 'SagaFailed' : 'SagaCompensated';
  return { status: 'FAILED', state, failure: { type, execution, compensation } };
}
