import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';

interface Waiting {
  withinMs: number;
  /** Default: every topic. */
  topic?: string;
  signal?: AbortSignal;
}

/** Listens on one channel. Also wakes its waiters when it may have missed a notification. */
export interface Listener {
  /** Resolves at the next notification, after `withinMs`, or on abort. Call it before reading, so that none is missed. */
  notified(waiting: Waiting): Promise<void>;
  end(): Promise<void>;
}

const reconnectMs = 1_000;

/**
 * Uses a connection of its own and reconnects for ever. `sql.listen` of postgres 3.4 stays silent for good if the
 * server is down when it tries to listen again.
 */
export function openListener(url: string, channel: string, name: string): Listener {
  const ended = new AbortController();
  let listening = false;
  const waiting = new Map<() => void, string | undefined>();
  const wakeAll = (topic?: string) => {
    for (const [wake, wanted] of waiting) if (topic === undefined || (wanted ?? topic) === topic) wake();
  };
  const options = {
    max: 1,
    connect_timeout: 4,
    fetch_types: false,
    max_lifetime: null,
    onnotice: () => {},
    onnotify: (_channel: string, topic: string) => wakeAll(topic),
    onclose: () => void listen(),
    connection: { application_name: name },
  };
  let sql = postgres(url, options);

  async function listen() {
    if (listening) return;
    listening = true;
    while (listening && !ended.signal.aborted)
      try {
        await sql.unsafe(`listen ${channel}`);
        listening = false;
      } catch {
        // Over another connection next time: a standby, as after a failover, refuses to listen.
        void sql.end({ timeout: 0 });
        sql = postgres(url, options);
        await pause(reconnectMs, undefined, { signal: ended.signal }).catch(() => {});
      }
    wakeAll();
  }

  void listen();
  return {
    notified: ({ withinMs, topic, signal }) =>
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
      wakeAll();
      await sql.end({ timeout: 1 });
    },
  };
}
