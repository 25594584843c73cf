import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  setCurrentDetails,
  sleep,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { z } from 'zod';
import { callStep, settleStep, stepError } from './activity.ts';
import { type Decision, DecisionDesk } from './decision.ts';
import { milliseconds } from './duration.ts';
import type { SagaError, SagaErrors } from './errors.ts';
import { type Note, noteKey } from './note.ts';
import { type SagaState, SagaStateKey, SagaStep, SagaType } from './state.ts';
import { type StepCall, type StepContract, type StepKey, undoOutcomeSchema } from './step.ts';

/** Thrown inside a saga when it cannot go on; the reason is in `errors.execution`. */
export class CannotGoOn extends Error {
  override name = 'CannotGoOn';
}

/** One running saga: its steps, the stack of what must be undone, and what it shows to the world. */
export class Saga {
  readonly id: string;
  readonly errors: SagaErrors = { execution: [], compensation: [] };
  readonly desk = new DecisionDesk();
  readonly #contracts: Map<string, StepContract>;
  /** Cancelled on request and by the deadline; what must settle runs shielded from it. */
  readonly forward = new CancellationScope();
  readonly #stack: (StepKey & { position: number })[] = [];
  readonly #runs = new Map<string, number>();
  #shown: { state?: SagaState; step?: string } = {};
  #position = 0;
  #committed = false;
  #expired = false;

  constructor(type: string, id: string, steps: readonly StepContract[]) {
    this.id = id;
    this.#contracts = new Map(steps.map((step) => [step.name, step]));
    const given = workflowInfo().typedSearchAttributes.get(SagaType);
    if (given === undefined) upsertSearchAttributes([{ key: SagaType, value: type }]);
  }

  get state() {
    return this.#shown.state ?? 'running';
  }

  get stack(): readonly StepKey[] {
    return this.#stack.map(({ service, step, generation }) => ({ service, step, generation }));
  }

  /** Past the pivot: the saga can only go forward. */
  get committed() {
    return this.#committed;
  }

  /** The deadline, not a request, has stopped the saga. */
  get expired() {
    return this.#expired;
  }

  /** Stops the forward way after that many milliseconds, unless it is past its pivot or stopped before. */
  expireAfter(ms: number) {
    const expire = async () => {
      await sleep(ms, { summary: 'Until the deadline' });
      this.note({ event: 'deadline' });
      if (this.#committed || this.forward.consideredCancelled) return;
      this.#expired = true;
      this.forward.cancel();
    };
    void CancellationScope.nonCancellable(expire);
  }

  /**
   * Runs a step. It is on the stack before its first attempt, so that a failure, a timeout or a lost reply are undone
   * as well. Throws what ends the saga's forward way: saga code lets it pass.
   */
  async step<I extends z.ZodType, R extends z.ZodType>(
    contract: StepContract<I, R>,
    input: z.input<I>,
  ): Promise<z.input<R>> {
    if (this.#contracts.get(contract.name) !== contract)
      throw new Error(`${contract.name} is not in the saga's list of steps`);
    this.#stopIfCancelled();
    const key = this.#register(contract);
    this.show('running', key.step);
    const call: StepCall = { saga_id: this.id, ...withoutService(key), input };
    const result = await CancellationScope.nonCancellable(() => this.#run(contract, call));
    this.#stopIfCancelled();
    return z.encode(contract.result, contract.result.parse(result));
  }

  /** Waits for the first valid decision. Throws when none has come within `timeout`, an ISO 8601 duration. */
  async decision(timeout: string): Promise<Decision> {
    this.#stopIfCancelled();
    this.show('waiting');
    this.desk.open();
    try {
      const decided = await condition(() => this.desk.standing !== undefined, milliseconds(timeout), {
        summary: 'Wait for the decision',
      });
      if (decided && this.desk.standing) return this.desk.standing;
    } finally {
      this.desk.close();
    }
    return this.fail({ type: 'timed-out', message: `no decision within ${timeout}` });
  }

  /** Ends the forward way for a reason that is no step's. */
  fail(reason: Pick<SagaError, 'type' | 'message'>): never {
    this.record(reason);
    throw new CannotGoOn(reason.message);
  }

  record({ type, message }: Pick<SagaError, 'type' | 'message'>) {
    const error: SagaError = {
      step: null,
      op: null,
      type,
      message,
      attempts: 0,
      at: new Date().toISOString(),
    };
    this.note({ event: 'error', error });
    this.errors.execution.push(error);
  }

  /** Undoes what is on the stack, last first, and returns when nothing is left. Cannot be cancelled. */
  unwind(): Promise<void> {
    return CancellationScope.nonCancellable(async () => {
      for (let entry = this.#stack.at(-1); entry; entry = this.#stack.at(-1)) {
        this.show('compensating', entry.step);
        await settleStep(this.#contractOf(entry), 'undo', { saga_id: this.id, ...withoutService(entry) });
        this.#stack.pop();
      }
    });
  }

  note(note: Note) {
    upsertMemo({ [noteKey]: note });
  }

  show(state: SagaState, step = this.#shown.step ?? '') {
    const changed = [
      ...(state === this.#shown.state ? [] : [{ key: SagaStateKey, value: state }]),
      ...(step === this.#shown.step ? [] : [{ key: SagaStep, value: step }]),
    ];
    if (changed.length > 0) upsertSearchAttributes(changed);
    this.#shown = { state, step };
    setCurrentDetails(this.#details());
  }

  /** Markdown, for the Web UI. */
  #details(): string {
    const undo = this.#stack.map((entry) => `\`${entry.step}\``).toReversed();
    return [
      `**${this.state}**${this.#shown.step ? ` at \`${this.#shown.step}\`` : ''}`,
      ...(this.state === 'waiting' ? ['waits for the signal `decide`'] : []),
      ...(this.#committed ? ['past its pivot: it can only go forward'] : []),
      ...(undo.length > 0 ? [`to undo, in this order: ${undo.join(', ')}`] : []),
      ...this.errors.execution.map(({ message }) => `cannot go on: ${message}`),
    ].join('  \n');
  }

  async #run(contract: StepContract, call: StepCall): Promise<unknown> {
    if (this.#committed) return settleStep(contract, 'do', call);
    try {
      const result = await callStep(contract, 'do', call, { endless: contract.pivot });
      if (contract.pivot) this.#commit();
      return result;
    } catch (failure) {
      if (!(failure instanceof ActivityFailure)) throw failure;
      const fenced = contract.pivot ? await this.#fence(contract, call) : undefined;
      if (fenced) return fenced.result;
      this.errors.execution.push(stepError(call, contract.retry.attempts, failure));
      throw new CannotGoOn(failure.message);
    }
  }

  /** An answer of the pivot that says no may have been overtaken by an attempt that committed: the guard knows. */
  async #fence(contract: StepContract, call: StepCall): Promise<{ result: unknown } | undefined> {
    const { input: _, ...undo } = call;
    const found = undoOutcomeSchema.parse(await settleStep(contract, 'undo', undo));
    if (found.outcome === 'committed') {
      this.#commit();
      return { result: found.result };
    }
    this.#stack.pop();
    return undefined;
  }

  #commit() {
    this.#committed = true;
    this.#stack.length = 0;
  }

  #register(contract: StepContract): StepKey & { position: number } {
    const run = (this.#runs.get(contract.name) ?? 0) + 1;
    this.#runs.set(contract.name, run);
    const step = run === 1 ? contract.name : `${contract.name}#${run}`;
    const key = { service: contract.service, step, generation: 1, position: this.#position };
    this.#position += 1;
    if (!this.#committed && (contract.compensation !== null || contract.pivot)) this.#stack.push(key);
    return key;
  }

  #contractOf({ step }: StepKey): StepContract {
    const contract = this.#contracts.get(step.replace(/#\d+$/, ''));
    if (!contract) throw new Error(`${step} is not in the saga's list of steps`);
    return contract;
  }

  #stopIfCancelled() {
    if (!this.#committed && this.forward.consideredCancelled)
      throw new CancelledFailure('cancelled on request');
  }
}

const withoutService = ({ step, generation, position }: StepKey & { position: number }) => ({
  step,
  generation,
  position,
});
