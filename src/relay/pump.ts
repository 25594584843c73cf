import type { Logger } from 'pino';
import type { Listener } from '../guard/listener.ts';
import { within } from '../guard/within.ts';

export interface Pump<T> {
  /** Takes due items, at most `limit`. */
  take(limit: number): Promise<T[]>;
  /** If it throws, that is logged, and the item is taken again after its lease. */
  work(item: T): Promise<void>;
  /** Notified when items may be due. */
  listener: Listener;
  logger: Logger;
}

const concurrency = 20;
/** Above the sum of the timeouts within `work`. */
const workMs = 60_000;
const takeMs = 10_000;
const pollIntervalMs = 1_000;

/** Takes and works items until `signal` aborts, then finishes those it has taken. Survives outages. */
export async function pump<T>({ take, work, listener, logger }: Pump<T>, signal: AbortSignal): Promise<void> {
  const running = new Set<Promise<void>>();
  let wake = () => {};
  const begin = (item: T) => {
    const task = within(workMs, work(item))
      .catch((err: unknown) => logger.warn({ err }, 'not relayed: it is taken again'))
      .finally(() => {
        running.delete(task);
        wake();
      });
    running.add(task);
  };
  while (!signal.aborted) {
    const finished = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const due = Promise.race([finished, listener.notified({ withinMs: pollIntervalMs, signal })]);
    const room = concurrency - running.size;
    const items = room > 0 ? await within(takeMs, take(room)).catch((err: unknown) => none(err, logger)) : [];
    items.forEach(begin);
    if (items.length === 0) await due;
  }
  await Promise.all(running);
}

function none(err: unknown, logger: Logger): [] {
  logger.warn({ err }, 'the outbox cannot be read now');
  return [];
}
