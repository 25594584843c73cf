import type { Update } from '../../saga/timeline.ts';
import type { SagaRef } from '../../services/registry/schema.ts';

/** All updates of a saga from its first event to its end. */
type Source = (saga: SagaRef, signal: AbortSignal) => AsyncGenerator<Update[]>;

interface Feed {
  updates: Update[];
  done: boolean;
  /** Of the source. */
  error?: unknown;
  /** Resolves at the next change, and is replaced then. */
  changed: Promise<void>;
  wake(): void;
  followers: number;
  gone: AbortController;
}

/** Follows each watched saga once, for all its watchers. */
export class SagaWatch {
  readonly #source: Source;
  readonly #feeds = new Map<string, Feed>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** All updates from the first event on, until the saga ends or `signal` aborts. Throws what its source throws. */
  async *follow(saga: SagaRef, signal: AbortSignal): AsyncGenerator<Update> {
    const feed = this.#feeds.get(saga.sagaId) ?? this.#open(saga);
    feed.followers += 1;
    let abort = () => {};
    const aborted = new Promise<void>((resolve) => {
      abort = resolve;
    });
    signal.addEventListener('abort', abort);
    try {
      for (let next = 0; !signal.aborted; ) {
        const update = feed.updates[next];
        if (update) {
          next += 1;
          yield update;
        } else if (feed.error !== undefined) throw feed.error;
        else if (feed.done) return;
        else await Promise.race([feed.changed, aborted]);
      }
    } finally {
      signal.removeEventListener('abort', abort);
      feed.followers -= 1;
      if (feed.followers === 0) this.#close(saga.sagaId, feed);
    }
  }

  #open(saga: SagaRef): Feed {
    const feed: Feed = {
      updates: [],
      done: false,
      changed: Promise.resolve(),
      wake: () => {},
      followers: 0,
      gone: new AbortController(),
    };
    rearm(feed);
    this.#feeds.set(saga.sagaId, feed);
    void this.#read(saga, feed);
    return feed;
  }

  #close(sagaId: string, feed: Feed) {
    if (this.#feeds.get(sagaId) === feed) this.#feeds.delete(sagaId);
    feed.gone.abort();
  }

  async #read(saga: SagaRef, feed: Feed): Promise<void> {
    try {
      for await (const updates of this.#source(saga, feed.gone.signal)) {
        feed.updates.push(...updates);
        feed.wake();
        rearm(feed);
      }
    } catch (error) {
      feed.error = error;
    }
    feed.done = true;
    feed.wake();
  }
}

function rearm(feed: Feed) {
  feed.changed = new Promise((resolve) => {
    feed.wake = resolve;
  });
}
