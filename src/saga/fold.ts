import { tsToDate } from '@temporalio/common/lib/time';
import type { temporal } from '@temporalio/proto';
import type { SagaError } from './errors.ts';
import { type HistoryEvent, type PendingActivity, StepFold } from './fold-steps.ts';
import { payloadConverter } from './lenient-payloads.ts';
import { type Note, noteKey, noteSchema } from './note.ts';
import { compensatedFailure, isSagaState, type SagaState, SagaStateKey, SagaStep } from './state.ts';
import type { EventEntry, SagaSnapshot, TimelineEntry } from './timeline.ts';

type Payloads = temporal.api.common.v1.IPayloads | null | undefined;
type Fields = Record<string, temporal.api.common.v1.IPayload> | null | undefined;

/** A saga's state, errors and timeline, from Temporal's history and nothing else. Feed it the events in their order. */
export class SagaFold {
  readonly #steps = new StepFold();
  readonly #events: EventEntry[] = [];
  readonly #errors: SagaError[] = [];
  #state: SagaState = 'running';
  #step: string | null = null;
  #input: unknown = null;
  #result: unknown = null;
  #seq = 0;

  /** Answers the entry that the event changed, if it changed one. */
  apply(event: HistoryEvent): TimelineEntry | undefined {
    this.#seq += 1;
    const at = event.eventTime ? tsToDate(event.eventTime).toISOString() : '';
    this.#read(event);
    this.#close(event, at);
    const note = event.workflowPropertiesModifiedEventAttributes?.upsertedMemo?.fields?.[noteKey];
    const known = note && noteSchema.safeParse(payloadConverter.fromPayload(note)).data;
    if (known) return this.#note(known, at);
    if (event.workflowExecutionCancelRequestedEventAttributes)
      return this.#event({ event: 'cancel-requested' }, at);
    return this.#steps.apply(event, this.#seq, at);
  }

  get state(): SagaState {
    return this.#state;
  }

  /** How many events it was fed: the `seq` of the last one. */
  get seq(): number {
    return this.#seq;
  }

  /** `pending`: the activities that are being tried now, as Temporal describes them. */
  snapshot(pending: PendingActivity[] = []): SagaSnapshot {
    this.#steps.pending(pending);
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

  #read(event: HistoryEvent) {
    const started = event.workflowExecutionStartedEventAttributes;
    if (started) this.#input = this.#first(started.input);
    const attributes = started ?? event.upsertWorkflowSearchAttributesEventAttributes;
    const fields: Fields = attributes?.searchAttributes?.indexedFields;
    const state = this.#field(fields, SagaStateKey.name);
    const step = this.#field(fields, SagaStep.name);
    if (isSagaState(state)) this.#state = state;
    if (typeof step === 'string') this.#step = step || null;
  }

  #close(event: HistoryEvent, at: string) {
    const completed = event.workflowExecutionCompletedEventAttributes;
    const failure = event.workflowExecutionFailedEventAttributes?.failure;
    const timedOut = event.workflowExecutionTimedOutEventAttributes;
    const terminated = event.workflowExecutionTerminatedEventAttributes;
    if (completed) {
      this.#state = 'completed';
      this.#result = this.#first(completed.result);
    } else if (event.workflowExecutionCanceledEventAttributes) {
      this.#state = 'cancelled';
    } else if (failure) {
      const unwound = failure.applicationFailureInfo?.type === compensatedFailure;
      this.#state = unwound ? 'compensated' : 'failed';
      if (!unwound) this.#fail('failed', failure.message ?? 'failed', at);
    } else if (timedOut || terminated) {
      this.#state = this.#steps.entries.length > 0 ? 'parked' : 'failed';
      if (terminated) this.#fail('terminated', terminated.reason || 'terminated', at);
      else this.#fail('timed-out', 'the workflow timed out', at);
    }
  }

  #note(note: Note, at: string): EventEntry | undefined {
    if (note.event !== 'error') return this.#event(note, at);
    this.#errors.push(note.error);
    return undefined;
  }

  #event(what: Pick<EventEntry, 'event'> & Record<string, unknown>, at: string): EventEntry {
    const entry: EventEntry = { ...what, seq: this.#seq, at };
    this.#events.push(entry);
    return entry;
  }

  #fail(type: SagaError['type'], message: string, at: string) {
    this.#errors.push({ step: null, op: null, type, message, attempts: 0, at });
  }

  #first(payloads: Payloads): unknown {
    const [first] = payloads?.payloads ?? [];
    return first ? payloadConverter.fromPayload(first) : null;
  }

  #field(fields: Fields, name: string): unknown {
    const payload = fields?.[name];
    return payload ? payloadConverter.fromPayload(payload) : undefined;
  }
}
