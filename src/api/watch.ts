import { setTimeout as pause } from 'node:timers/promises';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { SagaFold } from '../saga/fold.ts';
import type { SagaState } from '../saga/state.ts';
import type { TimelineEntry } from '../saga/timeline.ts';

/** What one event of the history changed. */
export interface Update {
  seq: number;
  entry?: TimelineEntry | undefined;
  state?: SagaState | undefined;
}

interface Feed {
  updates: Update[];
  done: boolean;
  /** Settles at the next change, and is replaced then. */
  changed: Promise<void>;
  wake(): void;
  followers: number;
  closed: boolean;
  /** Ends the long poll that is under way. */
  abort(): void;
}

/** Temporal answers a long poll within 20 s; it is away when it takes this many milliseconds. */
const longPollMs = 60_000;
const longestPauseMs = 5_000;
const notFound = 5;

/** Follows sagas by long polls of Temporal's history: one a saga, however many follow it, and none without followers. */
export class SagaWatch {
  readonly #temporal: Client;
  readonly #feeds = new Map<string, Feed>();

  constructor(temporal: Client) {
    this.#temporal = temporal;
  }

  /** All updates from the first event on, until the workflow has closed or `signal` aborts. Outlives outages. */
  async *follow(workflowId: string, signal: AbortSignal): AsyncGenerator<Update> {
    const feed = this.#feeds.get(workflowId) ?? this.#open(workflowId);
    feed.followers += 1;
    const aborted = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    try {
      for (let next = 0; !signal.aborted; ) {
        const update = feed.updates[next];
        if (update) {
          next += 1;
          yield update;
        } else if (feed.done) return;
        else await Promise.race([feed.changed, aborted]);
      }
    } finally {
      feed.followers -= 1;
      if (feed.followers === 0) this.#close(workflowId, feed);
    }
  }

  #open(workflowId: string): Feed {
    const feed: Feed = {
      updates: [],
      done: false,
      changed: Promise.resolve(),
      wake: () => {},
      followers: 0,
      closed: false,
      abort: () => {},
    };
    rearm(feed);
    this.#feeds.set(workflowId, feed);
    void this.#read(workflowId, feed);
    return feed;
  }

  #close(workflowId: string, feed: Feed) {
    if (this.#feeds.get(workflowId) === feed) this.#feeds.delete(workflowId);
    feed.closed = true;
    feed.abort();
  }

  async #read(workflowId: string, feed: Feed): Promise<void> {
    const fold = new SagaFold();
    let token: Uint8Array | null | undefined;
    for (let failures = 0; !feed.done && !feed.closed; ) {
      const poll = new AbortController();
      feed.abort = () => poll.abort();
      try {
        const page = await this.#poll(workflowId, token, poll.signal);
        failures = 0;
        token = page.nextPageToken;
        for (const event of page.history?.events ?? []) {
          const before = fold.seq === 0 ? undefined : fold.state;
          const entry = fold.apply(event);
          const state = fold.state === before ? undefined : fold.state;
          if (entry || state) feed.updates.push({ seq: fold.seq, entry, state });
        }
        feed.done = !token?.length;
      } catch (error) {
        feed.done = isGrpcServiceError(error) && error.code === notFound;
        failures += 1;
        if (!feed.done)
          await pause(Math.min(longestPauseMs, 100 * 2 ** failures), undefined, {
            signal: poll.signal,
          }).catch(() => {});
      }
      feed.wake();
      rearm(feed);
    }
  }

  #poll(workflowId: string, nextPageToken: Uint8Array | null | undefined, signal: AbortSignal) {
    const { workflowService, options } = this.#temporal;
    const request = {
      namespace: options.namespace,
      execution: { workflowId },
      waitNewEvent: true,
      ...(nextPageToken ? { nextPageToken } : {}),
    };
    return this.#temporal.withAbortSignal(signal, () =>
      this.#temporal.withDeadline(Date.now() + longPollMs, () =>
        workflowService.getWorkflowExecutionHistory(request),
      ),
    );
  }
}

function rearm(feed: Feed) {
  feed.changed = new Promise((resolve) => {
    feed.wake = resolve;
  });
}
