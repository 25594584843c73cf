import type { SagaState } from '../../src/saga/state.ts';
import type { Effect } from './sagas.ts';
import { errorLine, guardLine, sideOf, type View } from './view.ts';

export interface Place {
  step: string;
  position: number;
  generation: number;
}

type Op = 'do' | 'undo';
interface TaleError extends Pick<Place, 'generation'> {
  step: string | null;
  op: Op | null;
  type: string;
  attempts: number;
  resolved?: boolean;
}

/** Notes what happens to a saga, and says what is to be seen of it by then. */
export class Tale {
  readonly effects: Effect[] = [];
  readonly #steps = new Map<string, string>();
  readonly #events: string[] = [];
  readonly #guard = new Map<string, string>();
  #errors: TaleError[] = [];

  /** How a side of a step stands from now on. */
  shows(op: Op, { step, generation }: Place, status: string) {
    const side = sideOf(op, step, generation);
    this.#steps.delete(side);
    this.#steps.set(side, status);
  }

  happens(event: string) {
    this.#events.push(event);
  }

  fails(op: Op, { step, generation }: Place, type: string, attempts: number) {
    this.#errors.push({ step, op, generation, type, attempts });
  }

  /** An error of the saga as a whole. */
  stops(type: string) {
    this.#errors.push({ step: null, op: null, generation: 0, type, attempts: 0 });
  }

  mended(op: Op, place: Place) {
    this.#errors = this.#errors.filter((error) => !isOf(error, op, place));
  }

  resolved(op: Op, place: Place | null) {
    for (const error of this.#errors)
      if (place ? isOf(error, op, place) : error.op === null) error.resolved = true;
  }

  /** The effect of a step is committed; a second time it changes nothing. */
  commits(place: Place) {
    if (this.hasCommitted(place)) return;
    this.effects.push({ step: place.step, generation: place.generation, reversed: false });
    this.#guards('do', place, 'do');
  }

  /** A step that comes too late finds a tombstone, unless it has been here. */
  fences(place: Place) {
    if (!this.hasCommitted(place)) this.#guards('do', place, 'undo');
  }

  hasCommitted = (place: Place) => this.#guard.get(keyOf('do', place))?.endsWith(' by do') ?? false;

  /** The compensation is committed: `by hand` it reverses nothing. Answers what it says it did. */
  reverses(place: Place, byHand = false): string {
    const committed = this.hasCommitted(place);
    this.fences(place);
    const outcome = byHand ? 'resolved' : committed ? 'undone' : 'nothing-to-undo';
    this.#guards('undo', place, 'undo', outcome);
    if (outcome === 'undone')
      this.effects.push({ step: place.step, generation: place.generation, reversed: true });
    return outcome;
  }

  #guards(op: Op, place: Place, by: Op, outcome?: string) {
    this.#guard.set(keyOf(op, place), guardLine({ ...place, op, by, outcome }));
  }

  /** The effect of a step stands: it was committed and not reversed. */
  stands = (step: string) => this.effects.findLast((effect) => effect.step === step)?.reversed === false;

  seen(state: SagaState): View {
    const errors = (op: Op) => this.#errors.filter((error) => (error.op ?? 'do') === op).map(errorLine);
    return {
      state,
      steps: [...this.#steps].map(([side, status]) => `${side} ${status}`),
      events: [...this.#events],
      execution: errors('do'),
      compensation: errors('undo'),
      guard: [...this.#guard.values()].sort(),
    };
  }
}

const keyOf = (op: Op, { step, generation }: Place) => `${op} ${step}@${generation}`;

const isOf = (error: TaleError, op: Op, { step, generation }: Place) =>
  error.op === op && error.step === step && error.generation === generation;
