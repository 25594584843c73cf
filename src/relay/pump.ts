import type { Logger } from 'pino';
import type { Bell } from '../guard/bell.ts';
import { within } from '../guard/within.ts';

export interface Pump<T> {
  /** Takes at most so many of what is due. */
  take(limit: number): Promise<T[]>;
  /** What it throws is logged; the item is taken again when its lease has ended. */
  work(item: T): Promise<void>;
  /** Rings when something may be due. */
  bell: Bell;
  logger: Logger;
}

const atOnce = 20;
/** Longer than all that is limited by itself may take. */
const workMs = 60_000;
const takeMs = 10_000;
/** How often it is looked without being rung for. */
const lookEveryMs = 1_000;

/** Takes and works until `signal` aborts, so many at once; then finishes what it has taken. Outlives outages. */
export async function pump<T>({ take, work, bell, logger }: Pump<T>, signal: AbortSignal): Promise<void> {
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
    const due = Promise.race([finished, bell.next({ withinMs: lookEveryMs, signal })]);
    const room = atOnce - running.size;
    const items = room > 0 ? await within(takeMs, take(room)).catch((err: unknown) => away(err, logger)) : [];
    items.forEach(begin);
    if (items.length === 0) await due;
  }
  await Promise.all(running);
}

function away(err: unknown, logger: Logger): [] {
  logger.warn({ err }, 'the outbox cannot be read now');
  return [];
}
