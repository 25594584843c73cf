import type { temporal } from '@temporalio/proto';
import { isFinalError, type SagaError, statusOf, timedOut } from '../errors.ts';
import type { HistoryEvent, PendingActivity } from '../history-event.ts';
import type { InlineStep } from '../inline/inline-run.ts';
import { firstValue } from '../lenient-payloads.ts';
import { parseActivityId, type StepOp, type UndoOutcome, undoOutcomeSchema } from '../step.ts';
import type { StepEntry } from '../timeline.ts';

type Failure = temporal.api.failure.v1.IFailure;

interface Tracked {
  entry: StepEntry;
  error?: SagaError | undefined;
  /** It happened after the point of a reset: the newest run does not know of it. */
  forgotten?: boolean;
  /** Its workflow closed before it settled. */
  cutOff?: boolean;
}

/** The part of the fold that follows activities: one entry per step, side and generation. */
export class StepFold {
  readonly #tracked = new Map<string, Tracked>();
  /** By the id of the event that scheduled the activity; its later events refer to it. */
  readonly #scheduled = new Map<string, Tracked>();
  /** Entries that a reset continues, until they are reported. */
  #resumed: Tracked[] = [];
  readonly #next: () => number;

  /** `next` takes the next number of the timeline: one for each entry that an event changes. */
  constructor(next: () => number) {
    this.#next = next;
  }

  /** Another history begins, whose event ids start again. */
  enterRun() {
    this.#scheduled.clear();
  }

  /** Another history begins with a copy of the events of `known`. */
  enterReset(known: StepFold) {
    this.#scheduled.clear();
    for (const [id, { entry }] of known.#scheduled) {
      const tracked = this.#tracked.get(keyOf(entry));
      if (tracked) this.#scheduled.set(id, tracked);
    }
    for (const [key, tracked] of this.#tracked) {
      const copy = known.#tracked.get(key);
      Object.assign(tracked, { error: copy?.error, forgotten: copy === undefined });
      if (!copy || !tracked.cutOff) continue;
      const { status, finished_at, error } = copy.entry;
      Object.assign(tracked.entry, { status, finished_at, error });
      tracked.cutOff = false;
      this.#resumed.push(tracked);
    }
  }

  /** Returns the entries that a reset continues. */
  resumed(): StepEntry[] {
    const resumed = this.#resumed;
    this.#resumed = [];
    return resumed.map(({ entry }) => ({ ...Object.assign(entry, { seq: this.#next() }) }));
  }

  /** The workflow has closed: what had not settled has failed. */
  close(reason: string, at: string): StepEntry[] {
    const open = [...this.#tracked.values()].filter(({ entry }) => unsettled.includes(entry.status));
    return open.map((tracked) => {
      const { entry, error } = tracked;
      tracked.cutOff = true;
      const failed =
        entry.status === 'parked' && error
          ? { status: statusOf(error) }
          : { status: 'failed', error: reason };
      const finished_at = entry.finished_at ?? at;
      return { ...Object.assign(entry, failed, { finished_at, seq: this.#next() }) };
    });
  }

  get isEmpty(): boolean {
    return this.#tracked.size === 0;
  }

  get entries(): StepEntry[] {
    return [...this.#tracked.values()].map(({ entry }) => ({ ...entry }));
  }

  /** Errors that no later attempt or correction has fixed. */
  errors(op: StepOp): SagaError[] {
    return [...this.#tracked.values()].flatMap(({ entry, error }) => {
      const next = this.#tracked.get(keyOf({ ...entry, generation: entry.generation + 1 }));
      const corrected = op === 'do' && next !== undefined && !next.forgotten;
      return error?.op === op && !corrected ? [error] : [];
    });
  }

  /** Sets a status that the saga has recorded. */
  setStatus(key: StepSide, status: StepEntry['status']): StepEntry | undefined {
    const tracked = this.#tracked.get(keyOf(key));
    if (!tracked) return undefined;
    Object.assign(tracked.entry, { status, seq: this.#next() });
    return { ...tracked.entry };
  }

  resolve(key: StepSide, resolved: SagaError['resolved']): StepEntry | undefined {
    const tracked = this.#tracked.get(keyOf(key));
    if (tracked?.error) tracked.error = { ...tracked.error, resolved };
    return this.setStatus(key, 'resolved');
  }

  /** Applies the report of an inline run. */
  applyInline({ op, step, generation, started_at, finished_at, result, error }: InlineStep): StepEntry {
    const key = { op, step, generation };
    const at = { seq: this.#next(), attempt: 1, started_at, finished_at };
    const done = op === 'do' ? 'done' : undone(undoOutcomeSchema.safeParse(result).data?.outcome);
    const status = error ? statusOf(error) : done;
    const entry: StepEntry = { ...key, ...at, status, error: error?.message ?? null };
    this.#tracked.set(keyOf(entry), { entry, error });
    return { ...entry };
  }

  apply(event: HistoryEvent, at: string): StepEntry | undefined {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) return this.#schedule(scheduled.activityId ?? '', event, at);

    const started = event.activityTaskStartedEventAttributes;
    const completed = event.activityTaskCompletedEventAttributes;
    const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
    const tracked = this.#scheduled.get(String((started ?? completed ?? failed)?.scheduledEventId));
    if (!tracked) return undefined;
    const { entry } = tracked;
    entry.seq = this.#next();
    if (started) {
      entry.attempt = started.attempt ?? 1;
      entry.error = started.lastFailure ? messageOf(started.lastFailure) : null;
    } else {
      entry.finished_at = at;
      if (completed) {
        entry.status = entry.op === 'do' ? 'done' : undone(outcomeOf(completed));
        entry.error = null;
      } else this.#fail(tracked, failed?.failure ?? {}, at);
    }
    return { ...entry };
  }

  /** The pivot that failed or timed out, if the event shows that it has committed nevertheless. */
  overtaken({ activityTaskCompletedEventAttributes: completed }: HistoryEvent): StepEntry | undefined {
    const fence = this.#scheduled.get(String(completed?.scheduledEventId))?.entry;
    const pivot = fence?.op === 'undo' && this.#tracked.get(keyOf({ ...fence, op: 'do' }));
    if (!fence || !pivot || outcomeOf(completed) !== 'committed' || pivot.entry.status === 'done')
      return undefined;
    const { finished_at } = pivot.entry;
    pivot.error = undefined;
    Object.assign(pivot.entry, {
      status: 'done',
      error: null,
      seq: this.#next(),
      finished_at: finished_at ?? fence.finished_at,
    });
    return { ...pivot.entry };
  }

  /** Adds attempt and last error of activities in progress, which no event contains. */
  addPending(activities: PendingActivity[]) {
    for (const { activityId, attempt, lastFailure } of activities) {
      const key = parseActivityId(activityId ?? '');
      const tracked = key && this.#tracked.get(keyOf(key));
      if (tracked?.entry.status !== 'running') continue;
      tracked.entry.attempt = attempt ?? 1;
      if (!lastFailure) continue;
      tracked.entry.error = messageOf(lastFailure);
      if (tracked.entry.op === 'undo')
        tracked.error = errorOf(tracked.entry, lastFailure, tracked.entry.started_at);
    }
  }

  #schedule(activityId: string, event: HistoryEvent, started_at: string): StepEntry | undefined {
    const key = parseActivityId(activityId);
    if (!key) return undefined;
    const start = { seq: this.#next(), started_at, ...key };
    const entry: StepEntry = { ...start, status: 'running', attempt: 1, finished_at: null, error: null };
    // A resolution stays visible when the step is undone once more.
    const former = this.#tracked.get(keyOf(key))?.error;
    const tracked = { entry, ...(former?.resolved && { error: former }) };
    this.#tracked.set(keyOf(key), tracked);
    this.#scheduled.set(String(event.eventId), tracked);
    return { ...entry };
  }

  #fail(tracked: Tracked, failure: Failure, at: string) {
    const { entry } = tracked;
    tracked.error = errorOf(entry, failure, at);
    entry.status = statusOf(tracked.error);
    entry.error = tracked.error.message;
  }
}

/** The outcome of an undo. */
function outcomeOf(completed: HistoryEvent['activityTaskCompletedEventAttributes']) {
  return undoOutcomeSchema.safeParse(firstValue(completed?.result)).data?.outcome;
}

/** The timeline's status for an outcome. */
function undone(outcome: UndoOutcome['outcome'] | undefined): StepEntry['status'] {
  if (outcome === 'resolved') return outcome;
  return outcome === 'committed' || outcome === 'nothing-to-undo' ? 'nothing-to-undo' : 'done';
}

const unsettled: StepEntry['status'][] = ['running', 'parked'];

type StepSide = Pick<StepEntry, 'op' | 'step' | 'generation'>;

const keyOf = ({ op, step, generation }: StepSide) => `${op}:${step}@${generation}`;

const messageOf = (failure: Failure) =>
  failure.timeoutFailureInfo ? timedOut : (failure.message ?? 'failed');

function errorOf({ step, op, attempt }: StepEntry, failure: Failure, at: string): SagaError {
  const named = failure.applicationFailureInfo?.type;
  const type = failure.timeoutFailureInfo ? 'timed-out' : isFinalError(named) ? named : 'failed';
  return { step, op, type, message: messageOf(failure), attempts: attempt, at };
}
