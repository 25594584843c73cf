import {
  ActivityFailure,
  allHandlersFinished,
  CancellationScope,
  continueAsNew,
  patched,
  setCurrentDetails,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Command } from '../command.ts';
import type { Parked, SagaData, StackEntry } from '../data.ts';
import { type SagaError, statusOf, wholeSagaError } from '../errors.ts';
import { type Note, noteKey } from '../note.ts';
import { type SagaState, sagaStateKey, sagaStepKey, sagaTypeKey } from '../state.ts';
import { contractNamed, type StepContract, type StepId, type StepOp } from '../step.ts';
import { callPivot, callStep, stepError } from './activity.ts';
import { Alerts } from './alerts.ts';
import { describe } from './describe.ts';

/** What running and undoing a saga's steps needs to know. */
export interface SagaPlan {
  /** As clients name it; the workflow id is `{type}-{saga id}`. */
  type: string;
  /** Every step that the saga may call, in the usual order. */
  steps: readonly StepContract[];
  /** When a compensation is parked: continue with the rest of the stack (the default), or wait for it. */
  onUndoFailure?: 'continue' | 'stop';
}

/** The outcome of one side of a step. */
export type Tried = { result: unknown } | { error: SagaError };

/** One run of a saga's workflow: its data, its activities, and what it publishes. */
export class SagaRun {
  readonly id: string;
  readonly plan: SagaPlan;
  readonly data: SagaData;
  /** As the workflow received it. */
  readonly #input: unknown;
  readonly alerts = new Alerts(this);
  /** Cancelled on request, by the deadline and by `compensate`. Whatever must settle is shielded from it. */
  readonly forward = new CancellationScope();
  readonly #standsIn: boolean;
  /** Messages wait until it is known what is possible. */
  ready = true;
  /** The pending query for undone steps. */
  undoneQuery: Promise<StepId[]> | undefined;
  /** Why `forward` was cancelled, unless on request. */
  stopped: Pick<SagaError, 'type' | 'message'> | undefined;
  /** An inline run is in progress, which may commit the pivot. */
  runsInline = false;
  #isLong = false;
  #inFlight = 0;

  /** `standsIn`: an unwinder, which never goes forward. */
  constructor(plan: SagaPlan, id: string, input: unknown, data: SagaData, { standsIn = false } = {}) {
    this.#standsIn = standsIn;
    this.id = id;
    this.#input = input;
    this.plan = plan;
    this.data = data;
    const { runId, originalExecutionRunId, typedSearchAttributes } = workflowInfo();
    if (runId !== originalExecutionRunId) {
      data.reset = true;
      data.maybeUndone = true;
    }
    if (typedSearchAttributes.get(sagaTypeKey) === undefined)
      upsertSearchAttributes([{ key: sagaTypeKey, value: plan.type }]);
  }

  get state(): SagaState {
    return this.waitingForOperator.length > 0 ? 'parked' : this.data.base.state;
  }

  get waitingForOperator(): Parked[] {
    return this.data.parked.filter(({ command }) => command === undefined);
  }

  /** `stopping`: what is in progress settles before the saga unwinds. Undefined: past the pivot, unwinding, or a stand-in. */
  get phase(): 'forward' | 'stopping' | undefined {
    const { committed, unwinding } = this.data;
    if (committed || unwinding || this.#standsIn) return undefined;
    return this.forward.consideredCancelled ? 'stopping' : 'forward';
  }

  /** The pivot is in progress, or something that is not recorded here may have run it. */
  get mayHaveCommitted(): boolean {
    const { open, unrecorded, reset } = this.data;
    const isOpen = open !== null && this.contractOf(open.entry.step).pivot;
    return isOpen || this.runsInline || reset || unrecorded.length > 0;
  }

  contractOf(step: string): StepContract {
    return contractNamed(this.plan.steps, step);
  }

  /** Ends the forward way, unless it has ended or the pivot has committed. */
  stop(why: Pick<SagaError, 'type' | 'message'>) {
    if (this.phase !== 'forward') return;
    this.stopped = why;
    this.forward.cancel();
  }

  /**
   * After the pivot, after a stop for another reason, and after a reset, this is recorded without effect: an earlier run may
   * have been done in time.
   */
  passDeadline() {
    if (this.data.deadlinePassed) return;
    this.data.deadlinePassed = true;
    this.note({ event: 'deadline' });
    // Where the stop is in the copied history, it stays.
    if (this.data.reset && patched('no-deadline-after-reset')) return;
    this.stop({ type: 'deadline', message: 'not done by its deadline' });
  }

  /** The pivot has committed: nothing is undone from now on. */
  commit() {
    this.data.committed = true;
    this.data.stack = [];
  }

  /** An operator has resolved what caused the error. */
  resolve(error: SagaError, { by, reason }: Command) {
    error.resolved = { by, reason, at: new Date().toISOString() };
    this.data.resolved = true;
  }

  /** Runs one side of a step with the retries of its contract. Cannot be cancelled. */
  attempt(op: StepOp, entry: StackEntry, extra: { input?: unknown; by_hand?: StepOp } = {}): Promise<Tried> {
    const contract = this.contractOf(entry.step);
    const { step, generation, position } = entry;
    const call = { saga_id: this.id, step, generation, position, ...extra };
    return CancellationScope.nonCancellable(async () => {
      this.#inFlight += 1;
      try {
        const isPivot = contract.pivot && op === 'do';
        const result = isPivot
          ? await callPivot(contract, call, (late) =>
              this.alerts.raise(`pivot-${step}-${generation}`, { step, op, ...late }),
            )
          : await callStep(contract, op, call);
        return { result };
      } catch (failure) {
        if (!(failure instanceof ActivityFailure)) throw failure;
        return { error: stepError(step, op, contract, failure) };
      } finally {
        this.#inFlight -= 1;
        this.measure();
      }
    });
  }

  /**
   * Whether the history is long is looked at only where it records why: a task with nothing but a refused update leaves
   * no trace of the update, so a replay would not look there.
   */
  measure() {
    this.#isLong ||= workflowInfo().continueAsNewSuggested;
  }

  /** Call only when everything in progress is captured in `data`. */
  async continueIfDue() {
    this.measure();
    if (!this.shouldContinueAsNew()) return;
    await this.alerts.allRaised();
    if (!this.shouldContinueAsNew()) return;
    await continueAsNew<(input: unknown, data: SagaData) => Promise<unknown>>(this.#input, this.data);
  }

  /** Not while something is in progress, or was commanded, that `data` does not capture. */
  shouldContinueAsNew(): boolean {
    const isCommanded = this.data.parked.some(({ command }) => command !== undefined);
    if (this.phase === 'stopping' || isCommanded || this.#inFlight > 0) return false;
    return this.#isLong && allHandlersFinished();
  }

  /** Clears a parked step or awaited decision that the continued run was stopped before reaching. */
  endForwardWay() {
    for (const { step, op, generation, error } of this.data.parked) {
      this.data.errors.execution.push(error);
      if (step !== null && op !== null)
        this.note({ event: 'status', step, op, generation, status: statusOf(error) });
    }
    this.data.parked = [];
    this.data.decideBy = null;
    this.refresh();
  }

  /** An error of the saga as a whole. */
  record(what: Pick<SagaError, 'type' | 'message'>): SagaError {
    const error = wholeSagaError(what, new Date().toISOString());
    this.note({ event: 'error', error });
    this.data.errors.execution.push(error);
    return error;
  }

  /** Takes an entry off the stack. */
  drop(entry: StackEntry) {
    this.data.stack = this.data.stack.filter((other) => other !== entry);
  }

  note(note: Note) {
    this.measure();
    upsertMemo({ [noteKey]: note });
  }

  show(state: SagaState, step = this.data.base.step) {
    this.data.base = { state, step };
    this.refresh();
  }

  refresh() {
    const { base, shown } = this.data;
    const { state } = this;
    const step = (state === 'parked' && this.waitingForOperator[0]?.step) || base.step;
    const changed = [
      ...(state === shown?.state ? [] : [{ key: sagaStateKey, value: state }]),
      ...(step === shown?.step ? [] : [{ key: sagaStepKey, value: step }]),
    ];
    if (changed.length > 0) upsertSearchAttributes(changed);
    this.data.shown = { state, step };
    setCurrentDetails(describe(this));
  }
}
