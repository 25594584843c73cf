import { z } from 'zod';
import type { JournalLine, StackEntry } from './data.ts';
import { type Decision, decisionSchema } from './decision.ts';
import type { SagaError } from './errors.ts';
import type { Saga } from './saga.ts';
import type { StepCall, StepContract, StepOp } from './step.ts';
import { emptyStretch, type Stretch, type StretchCall, type ToldStep } from './stretch.ts';

/** Runs one side of a step. Its `error` is one that no retry mends, or null: nobody knows. */
export type Perform = (
  contract: StepContract,
  op: StepOp,
  call: StepCall,
) => Promise<{ result: unknown } | { error: SagaError | null }>;

/** Whose steps this process runs. */
export interface Here {
  services: ReadonlySet<string>;
  perform: Perform;
  /** Milliseconds after which no further step is begun. */
  limit?: number;
}

/** With the longest time that a step may take it is less than a workflow task may last, which is ten seconds. */
const defaultLimit = 3_000;

/** Thrown where a saga's code cannot be told to wait. */
class Stopped extends Error {
  override name = 'Stopped';
}

/**
 * A saga's code run outside of its workflow, from where it stands: it gets what is known, does what is placed here,
 * and stops, for ever, at whatever else it calls.
 */
export class AheadSaga implements Saga {
  readonly id: string;
  readonly stretch = emptyStretch();
  /** Resolves when the code has called what only its workflow can do. */
  readonly stopped: Promise<void>;
  #tellStopped = () => {};
  readonly #call: StretchCall;
  readonly #here: Here;
  readonly #steps: readonly StepContract[];
  readonly #since = performance.now();
  readonly #ran = new Set<string>();
  #next = 0;
  #busy = false;
  #over = false;

  /** `steps`: all that the saga has. */
  constructor(call: StretchCall, here: Here, steps: readonly StepContract[]) {
    this.id = call.saga_id;
    this.#call = call;
    this.#here = here;
    this.#steps = steps;
    this.stopped = new Promise((resolve) => {
      this.#tellStopped = resolve;
    });
  }

  async step<I extends z.ZodType, R extends z.ZodType>(
    contract: StepContract<I, R>,
    input: z.input<I>,
  ): Promise<z.input<R>> {
    const known = this.#known(contract.name);
    const value = known ? known.value : await this.#perform(contract, input);
    return z.encode(contract.result, contract.result.parse(value));
  }

  parallel<T>(): Promise<T[]> {
    return this.#wait();
  }

  async decision(): Promise<Decision> {
    const known = this.#known('decision');
    return known ? decisionSchema.parse(known.value) : this.#wait();
  }

  changed(change: string): boolean {
    const line = this.#call.journal[this.#next];
    if (!line) return this.#halt();
    if (line.name !== `changed ${change}`) return false;
    this.#next += 1;
    return true;
  }

  fail(): never {
    return this.#halt();
  }

  /** To be told what the code has answered. */
  end(result: unknown) {
    if (!this.#over && !this.#busy) this.stretch.ended = { result: asJson(result) };
  }

  /** What the journal has at this place; undefined beyond its end. */
  #known(name: string): JournalLine | undefined {
    const line = this.#call.journal[this.#next];
    if (line && line.name !== name) this.#halt();
    if (line) this.#next += 1;
    return line;
  }

  async #perform(contract: StepContract, given: unknown): Promise<unknown> {
    const { name, service } = contract;
    const { counts, placement, position, saga_id } = this.#call;
    const { services, perform, limit = defaultLimit } = this.#here;
    // What has no place in a stretch: the second run of a step, steps side by side, and what the workflow refuses.
    if (!this.#steps.includes(contract)) return this.#wait();
    if (this.#over || this.#busy || counts[name] !== undefined || this.#ran.has(name)) return this.#wait();
    if (!placement.includes(service) || performance.now() - this.#since > limit) return this.#wait();
    if (!services.has(service)) {
      this.stretch.away = service;
      return this.#wait();
    }
    this.#busy = true;
    this.#ran.add(name);
    const input: unknown = asJson(given);
    this.stretch.begun = { step: name, input };
    const call = { saga_id, step: name, generation: 1, position: position + this.stretch.told.length, input };
    const told = await tell(perform, contract, 'do', call);
    // Two steps at once: what the second stopped has been told of without this result.
    if (this.#over) return this.#wait();
    if (told) this.stretch.told.push(told);
    if (!told || told.error) return this.#wait();
    this.stretch.begun = null;
    this.#busy = false;
    return told.result;
  }

  #stop() {
    this.#over = true;
    this.#tellStopped();
  }

  /** For ever. */
  #wait<T>(): Promise<T> {
    this.#stop();
    return new Promise(() => {});
  }

  #halt(): never {
    this.#stop();
    throw new Stopped('goes on in the workflow');
  }
}

/** Undoes entries, in their order, as far as they are placed here. */
export async function undoAhead(
  sagaId: string,
  entries: readonly StackEntry[],
  contractOf: (step: string) => StepContract,
  { services, perform, limit = defaultLimit }: Here,
): Promise<Stretch> {
  const stretch = emptyStretch();
  const since = performance.now();
  for (const { service, step, generation, position } of entries) {
    if (performance.now() - since > limit) break;
    if (!services.has(service)) {
      stretch.away = service;
      break;
    }
    const call = { saga_id: sagaId, step, generation, position };
    const told = await tell(perform, contractOf(step), 'undo', call);
    if (!told) break;
    stretch.told.push(told);
  }
  return stretch;
}

/** Undefined when nobody knows what came of it. */
async function tell(
  perform: Perform,
  contract: StepContract,
  op: StepOp,
  call: StepCall,
): Promise<ToldStep | undefined> {
  const started_at = new Date().toISOString();
  const tried = await perform(contract, op, call);
  if ('error' in tried && !tried.error) return undefined;
  const { step, generation, position } = call;
  const times = { started_at, finished_at: new Date().toISOString() };
  const outcome = 'error' in tried ? { error: tried.error ?? undefined } : { result: asJson(tried.result) };
  return { op, step, generation, position, ...times, ...outcome };
}

/** As it will be read from the history, and as a remote step gets it. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
