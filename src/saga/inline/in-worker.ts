import type { z } from 'zod';
import type { JournalLine, StackEntry } from '../data.ts';
import { type Decision, decisionSchema } from '../decision.ts';
import type { SagaError } from '../errors.ts';
import type { Saga } from '../saga.ts';
import { encodedResult, type StepCall, type StepContract, type StepOp } from '../step.ts';
import { emptyInlineRun, type InlineCall, type InlineRun, type InlineStep } from './inline-run.ts';

/** Runs one side of a step. `error` is final; undefined means the outcome is unknown. */
export type Perform = (
  contract: StepContract,
  op: StepOp,
  call: StepCall,
) => Promise<{ result: unknown } | { error: SagaError } | undefined>;

/** A process that runs steps inline, and the services whose steps it runs. */
export interface InlineWorker {
  services: ReadonlySet<string>;
  perform: Perform;
  /** Milliseconds after which no further step is started. */
  limit?: number;
}

/** Plus the longest step timeout it is less than the workflow task timeout of ten seconds. */
const defaultLimit = 3_000;

/** Thrown where a synchronous call cannot wait. */
class Stopped extends Error {
  override name = 'Stopped';
}

/**
 * Runs a saga's code outside of its workflow. Returns what the journal has, performs the steps that placement allows, and
 * stops for good at any other call.
 */
export class InlineSaga implements Saga {
  readonly id: string;
  readonly outcome = emptyInlineRun();
  /** Resolves when the code has called something that only its workflow can do. */
  readonly stopped: Promise<void>;
  #onStopped = () => {};
  readonly #call: InlineCall;
  readonly #worker: InlineWorker;
  readonly #steps: readonly StepContract[];
  readonly #since = performance.now();
  readonly #ran = new Set<string>();
  #next = 0;
  #busy = false;
  #over = false;

  /** `steps`: the saga's list of steps. */
  constructor(call: InlineCall, worker: InlineWorker, steps: readonly StepContract[]) {
    this.id = call.saga_id;
    this.#call = call;
    this.#worker = worker;
    this.#steps = steps;
    this.stopped = new Promise((resolve) => {
      this.#onStopped = resolve;
    });
  }

  async step<I extends z.ZodType, R extends z.ZodType>(
    contract: StepContract<I, R>,
    input: z.input<I>,
  ): Promise<z.input<R>> {
    const known = this.#known(contract.name);
    const value = known ? known.value : await this.#perform(contract, input);
    return encodedResult(contract, value);
  }

  parallel<T>(): Promise<T> {
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

  /** Called with the result of the code. */
  end(result: unknown) {
    if (!this.#over && !this.#busy) this.outcome.ended = { result: asJson(result) };
  }

  /** The journal's line at this place; undefined beyond its end. */
  #known(name: string): JournalLine | undefined {
    const line = this.#call.journal[this.#next];
    if (line && line.name !== name) this.#halt();
    if (line) this.#next += 1;
    return line;
  }

  async #perform(contract: StepContract, given: unknown): Promise<unknown> {
    const { name, service } = contract;
    const { counts, deadline, placement, position, saga_id } = this.#call;
    const { services, perform, limit = defaultLimit } = this.#worker;
    // Not inline: a step that runs a second time, parallel steps, and what the workflow refuses.
    if (!this.#steps.includes(contract)) return this.#wait();
    if (this.#over || this.#busy || counts[name] !== undefined || this.#ran.has(name)) return this.#wait();
    if (!placement.includes(service) || performance.now() - this.#since > limit) return this.#wait();
    if (!services.has(service)) {
      this.outcome.away = service;
      return this.#wait();
    }
    if (deadline !== null && Date.now() >= deadline) {
      this.outcome.overdue = true;
      return this.#wait();
    }
    this.#busy = true;
    this.#ran.add(name);
    const input: unknown = asJson(given);
    this.outcome.begun = { step: name, input };
    const call = { saga_id, step: name, generation: 1, position: position + this.outcome.told.length, input };
    const reported = await report(perform, contract, 'do', call);
    // A second step at the same time stopped the run, which was reported without this result.
    if (this.#over) return this.#wait();
    if (reported) this.outcome.told.push(reported);
    if (!reported || reported.error) return this.#wait();
    this.outcome.begun = null;
    this.#busy = false;
    return reported.result;
  }

  #stop() {
    this.#over = true;
    this.#onStopped();
  }

  /** Never resolves. */
  #wait<T>(): Promise<T> {
    this.#stop();
    return new Promise(() => {});
  }

  #halt(): never {
    this.#stop();
    throw new Stopped('goes on in the workflow');
  }
}

/** Undoes entries in their order, up to the first whose service this process does not run. */
export async function undoInline(
  sagaId: string,
  entries: readonly StackEntry[],
  contractOf: (step: string) => StepContract,
  { services, perform, limit = defaultLimit }: InlineWorker,
): Promise<InlineRun> {
  const outcome = emptyInlineRun();
  const since = performance.now();
  for (const { service, step, generation, position } of entries) {
    if (performance.now() - since > limit) break;
    if (!services.has(service)) {
      outcome.away = service;
      break;
    }
    const call = { saga_id: sagaId, step, generation, position };
    const reported = await report(perform, contractOf(step), 'undo', call);
    if (!reported) break;
    outcome.told.push(reported);
  }
  return outcome;
}

/** Undefined if the outcome is unknown. */
async function report(
  perform: Perform,
  contract: StepContract,
  op: StepOp,
  call: StepCall,
): Promise<InlineStep | undefined> {
  const started_at = new Date().toISOString();
  const tried = await perform(contract, op, call);
  if (!tried) return undefined;
  const { step, generation, position } = call;
  const times = { started_at, finished_at: new Date().toISOString() };
  const outcome = 'error' in tried ? tried : { result: asJson(tried.result) };
  return { op, step, generation, position, ...times, ...outcome };
}

/** As it is read from the history, and as a remote step receives it. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
