import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { SagaFold } from '../saga/fold/fold.ts';
import { endOf } from '../saga/fold/fold-end.ts';
import type { HistoryEvent } from '../saga/history-event.ts';
import type { SagaName } from '../saga/state.ts';
import { isEnded, type SagaState, unwinderId, workflowId } from '../saga/state.ts';
import type { Update } from '../saga/timeline.ts';
import { type Chapter, foldChapters, updatesOf } from './chapters.ts';
import { isReset } from './fetch-run.ts';
import { type LongPoll, longPoll } from './long-poll.ts';
import { readSagaHistory } from './saga-history.ts';

const readMs = 30_000;
/** How often a terminated saga is read again. */
const leftBehindMs = 5_000;

interface News {
  updates: Update[];
  ended: boolean;
}

/**
 * Follows the growing history by long polls, which suffices for most sagas. If there are other runs, it reads all of them
 * and continues from there.
 */
export class SagaFollower {
  readonly #client: Client;
  readonly #saga: SagaName;
  #fold = new SagaFold();
  /** The last state that was reported. */
  #shown: SagaState | undefined;
  #poll: LongPoll;
  /** Empty while the growing history is the only one. */
  #chapters: Chapter[] = [];
  #next: 'poll' | 'read' | 'wait' = 'poll';

  constructor(client: Client, saga: SagaName) {
    this.#client = client;
    this.#saga = saga;
    this.#poll = { workflowId: workflowId(saga.type, saga.sagaId), seen: 0 };
  }

  async next(signal: AbortSignal): Promise<News> {
    if (this.#next === 'poll') return this.#follow(signal);
    if (this.#next === 'wait') await pause(leftBehindMs, undefined, { signal });
    return this.#read();
  }

  async #follow(signal: AbortSignal): Promise<News> {
    const { events, idle, gone, closed } = await longPoll(this.#client, this.#poll, signal);
    const updates: Update[] = [];
    for (const event of events) {
      if (leadsElsewhere(event)) {
        this.#next = 'read';
        return { updates, ended: false };
      }
      const entries = this.#fold.apply(event);
      updates.push(...updatesOf(this.#fold, entries, this.#ifNew(this.#fold.state)));
    }
    const ended = closed && isEnded(this.#fold.state);
    const last = updates.findLast(({ state }) => state !== undefined);
    if (ended && last && this.#chapters.length === 0) last.whole = this.#fold.snapshot();
    // While an unwinder waits for a command, its saga may be reset.
    const stale = idle && this.#poll.workflowId === unwinderId(this.#saga.sagaId);
    if (gone || stale || (closed && !ended)) this.#next = 'read';
    return { updates, ended };
  }

  async #read(): Promise<News> {
    const history = await this.#client.withDeadline(Date.now() + readMs, () =>
      readSagaHistory(this.#client, this.#saga),
    );
    if (!history) return { updates: [], ended: true };
    const { chapters, newest } = history;
    const from = Math.min(this.#fold.seq, shared(this.#chapters, chapters));
    const updates: Update[] = [];
    this.#fold = foldChapters(chapters, ({ seq, entry, state: changed }) => {
      if (seq <= from) return;
      const state = changed && this.#ifNew(changed);
      if (entry || state) updates.push({ seq, entry, state });
    });
    this.#chapters = chapters;
    const state = this.#ifNew(this.#fold.state);
    if (state) updates.push({ seq: this.#fold.seq, state });

    this.#poll = { workflowId: newest.workflowId, runId: newest.runId, seen: newest.events.length };
    const last = newest.events.at(-1);
    const closed = last !== undefined && endOf(last) !== undefined;
    this.#next = closed ? 'wait' : 'poll';
    return { updates, ended: closed && isEnded(this.#fold.state) };
  }

  #ifNew(state: SagaState): SagaState | undefined {
    if (state === this.#shown) return undefined;
    this.#shown = state;
    return state;
  }
}

/** How many numbers two readings have in common: all, if only one history was followed before. */
function shared(before: Chapter[], now: Chapter[]): number {
  if (before.length === 0) return Number.POSITIVE_INFINITY;
  const parting = now.findIndex(({ runId }, index) => runId !== before[index]?.runId);
  const same = parting === -1 ? now : now.slice(0, parting);
  return foldChapters(same).seq;
}

/** The run has a predecessor or a successor. */
const leadsElsewhere = (event: HistoryEvent) =>
  isReset(event) ||
  Boolean(event.workflowExecutionStartedEventAttributes?.continuedExecutionRunId) ||
  Boolean(event.workflowExecutionContinuedAsNewEventAttributes) ||
  endOf(event)?.state === 'parked';
