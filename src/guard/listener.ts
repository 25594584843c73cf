import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';

interface Waiting {
  withinMs: number;
  /** Unless every topic will do. */
  topic?: string;
  signal?: AbortSignal;
}

/** Rings when somebody notifies its channel, and when that may have been missed. */
export interface Bell {
  /** Resolves at the next ring, or after so many milliseconds, or when `signal` aborts. To be called before looking. */
  next(waiting: Waiting): Promise<void>;
  end(): Promise<void>;
}

const listenAgainMs = 1_000;

/**
 * Listens on a connection of its own, again and again. `sql.listen` of postgres 3.4 is not used: it stays silent for
 * good when the server is away at the moment in which it wants to listen again.
 */
export function openBell(url: string, channel: string, name: string): Bell {
  const ended = new AbortController();
  let listening = false;
  const waiting = new Map<() => void, string | undefined>();
  const ring = (topic?: string) => {
    for (const [wake, wanted] of waiting) if (topic === undefined || (wanted ?? topic) === topic) wake();
  };
  const options = {
    max: 1,
    connect_timeout: 4,
    fetch_types: false,
    max_lifetime: null,
    onnotice: () => {},
    onnotify: (_channel: string, topic: string) => ring(topic),
    onclose: () => void listen(),
    connection: { application_name: name },
  };
  const sql = postgres(url, options);

  async function listen() {
    if (listening) return;
    listening = true;
    while (listening && !ended.signal.aborted)
      try {
        await sql.unsafe(`listen ${channel}`);
        listening = false;
      } catch {
        await pause(listenAgainMs, undefined, { signal: ended.signal }).catch(() => {});
      }
    ring();
  }

  void listen();
  return {
    next: ({ withinMs, topic, signal }) =>
      new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, withinMs);
        waiting.set(wake, topic);
        signal?.addEventListener('abort', wake);
        if (signal?.aborted || ended.signal.aborted) wake();
      }),
    async end() {
      ended.abort();
      ring();
      await sql.end({ timeout: 1 });
    },
  };
}
