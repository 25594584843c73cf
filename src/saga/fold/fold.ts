import { tsToDate } from '@temporalio/common/lib/time';
import type { temporal } from '@temporalio/proto';
import { type SagaError, wholeSagaError } from '../errors.ts';
import type { HistoryEvent, PendingActivity } from '../history-event.ts';
import { inlineStepsOf } from '../inline/in-history.ts';
import { placementKey } from '../inline/inline-run.ts';
import { fieldOf, firstValue } from '../lenient-payloads.ts';
import { type Note, noteOf } from '../note.ts';
import { isSagaState, type SagaState, sagaStateKey, sagaStepKey } from '../state.ts';
import type { EventEntry, SagaSnapshot, TimelineEntry } from '../timeline.ts';
import { type End, endOf } from './fold-end.ts';
import { StepFold } from './fold-steps.ts';

type CommandNote = Extract<Note, { event: 'operator' }>;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/**
 * A saga's state, errors and timeline, derived only from Temporal's histories. Apply the events of all runs in order, and
 * call an `enter` method before each further run.
 */
export class SagaFold {
  #seq = 0;
  readonly #next = () => ++this.#seq;
  readonly #steps = new StepFold(this.#next);
  readonly #events: EventEntry[] = [];
  #errors: SagaError[] = [];
  #state: SagaState = 'running';
  #step: string | null = null;
  #input: unknown = null;
  #result: unknown = null;
  /** The last command for the saga as a whole. */
  #command: CommandNote | undefined;
  /** The current history is the unwinder's. */
  #unwinder = false;
  /** Steps may have run that no event shows: inline, or in runs that are no longer kept. */
  #isPartial = false;

  /** The workflow has continued as new. */
  enterRun() {
    this.#steps.enterRun();
  }

  /** The workflow was reset: the next run continues from the state of `known`. Later entries stay on the timeline. */
  enterReset(known: SagaFold) {
    this.#steps.enterReset(known.#steps);
    this.#errors = [...known.#errors];
    this.#state = known.#state;
    this.#step = known.#step;
    this.#result = known.#result;
    this.#command = known.#command;
  }

  /** The saga's own workflow was terminated, timed out or deleted; another one stands in for it. */
  enterUnwinder() {
    this.enterRun();
    this.#unwinder = true;
  }

  /** Returns the entries that the event changed. An event that changes several counts once for each. */
  apply(event: HistoryEvent): TimelineEntry[] {
    const before = this.#seq;
    const inline = inlineStepsOf(event);
    const changed =
      inline.length > 0 ? inline.map((step) => this.#steps.applyInline(step)) : this.#applyAlone(event);
    // An event that changes no entry takes a number too.
    if (this.#seq === before) this.#next();
    return [...changed, ...this.#steps.resumed()];
  }

  #applyAlone(event: HistoryEvent): TimelineEntry[] {
    const at = timeOf(event);
    const end = endOf(event);
    this.#read(event, at);
    if (end) this.#close(end, at);
    const entry = this.#entryOf(event, at);
    const pivot = this.#steps.overtaken(event);
    const failed = end ? this.#steps.close(closedBy(end.error?.type), at) : [];
    return [entry, pivot, ...failed].filter((one) => one !== undefined);
  }

  #entryOf(event: HistoryEvent, at: string): TimelineEntry | undefined {
    const note = noteOf(event);
    if (note) return this.#note(note, at);
    if (event.workflowExecutionCancelRequestedEventAttributes)
      return this.#event({ event: 'cancel-requested' }, at);
    return this.#steps.apply(event, at);
  }

  get state(): SagaState {
    return this.#state;
  }

  /** The `seq` of the last event applied. */
  get seq(): number {
    return this.#seq;
  }

  /** Skips numbers that belonged to events that are no longer shown. */
  skip(numbers: number) {
    this.#seq += numbers;
  }

  /** Adds what only Temporal's description of the activities in progress contains. Call it after all events. */
  addPending(activities: PendingActivity[]) {
    this.#steps.addPending(activities);
  }

  snapshot(): SagaSnapshot {
    const execution = [...this.#steps.errors('do'), ...this.#errors].sort((a, b) => (a.at < b.at ? -1 : 1));
    return {
      state: this.#state,
      step: this.#step,
      input: this.#input,
      result: this.#result,
      errors: { execution, compensation: this.#steps.errors('undo') },
      timeline: [...this.#steps.entries, ...this.#events].sort((a, b) => a.seq - b.seq),
    };
  }

  #read(event: HistoryEvent, at: string) {
    const started = event.workflowExecutionStartedEventAttributes;
    const isFirst = this.#seq === 0;
    if (started && isFirst) this.#begin(started.input, at);
    if (started?.memo?.fields?.[placementKey] || started?.continuedExecutionRunId) this.#isPartial = true;
    const attributes = started ?? event.upsertWorkflowSearchAttributesEventAttributes;
    const fields = attributes?.searchAttributes?.indexedFields;
    const state = fieldOf(fields, sagaStateKey.name);
    const step = fieldOf(fields, sagaStepKey.name);
    if (isSagaState(state)) this.#state = state;
    if (typeof step === 'string') this.#step = step || null;
  }

  #begin(input: Payloads, at: string) {
    if (this.#unwinder) this.#fail({ type: 'terminated', message: 'its history is no longer kept' }, at);
    else this.#input = firstValue(input) ?? null;
  }

  #close({ state, error, result }: End, at: string) {
    if (this.#unwinder && (error || state === 'cancelled')) {
      this.#state = 'parked';
      const { type, message } = error ?? { type: 'cancelled', message: 'cancelled' };
      return this.#fail({ type, message: `${unwinderEnded} (${message}): reset that workflow` }, at);
    }
    this.#state = state === 'parked' && this.#steps.isEmpty && !this.#isPartial ? 'failed' : state;
    if (error) this.#fail(error, at);
    else if (!this.#unwinder) this.#result = firstValue(result) ?? null;
    if (this.#command?.action === 'resolve' && !error) this.#resolve(this.#command, at);
  }

  /** Resolving a saga as a whole resolves the error for which it was parked. */
  #resolve({ by, reason }: CommandNote, at: string) {
    const index = this.#errors.findLastIndex(({ step }) => step === null);
    const error = this.#errors[index];
    if (error) this.#errors[index] = { ...error, resolved: { by, reason, at } };
  }

  #note(note: Note, at: string): TimelineEntry | undefined {
    if (note.event === 'status') return this.#steps.setStatus(note, note.status);
    if (note.event === 'resolved') return this.#steps.resolve(note, { by: note.by, reason: note.reason, at });
    if (note.event === 'error') {
      this.#errors.push(note.error);
      return undefined;
    }
    if (note.event === 'operator' && note.step === null) this.#command = note;
    return this.#event(note, at);
  }

  #event(what: Pick<EventEntry, 'event'> & Record<string, unknown>, at: string): EventEntry {
    const entry: EventEntry = { ...what, seq: this.#next(), at };
    this.#events.push(entry);
    return entry;
  }

  #fail(what: Pick<SagaError, 'type' | 'message'>, at: string) {
    this.#errors.push(wholeSagaError(what, at));
  }
}

const unwinderEnded = 'its unwinder has ended';

/** Why no command reaches the saga until its unwinder is reset; undefined if commands may reach it. */
export function whyUnreachable({ errors }: Pick<SagaSnapshot, 'errors'>): string | undefined {
  const message = errors.execution.at(-1)?.message;
  return message?.startsWith(unwinderEnded) ? message : undefined;
}

const timeOf = ({ eventTime }: HistoryEvent) => (eventTime ? tsToDate(eventTime).toISOString() : '');

/** Why a step failed that had not settled when its workflow closed. */
function closedBy(error: SagaError['type'] | undefined): string {
  if (error === 'terminated') return 'its workflow was terminated';
  return error === 'timed-out' ? 'its workflow timed out' : 'its workflow has closed';
}
