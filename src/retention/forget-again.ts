import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Forgetting, forget } from './forget.ts';

const everyMs = 600_000;

/** Forgets, again and again, what is older than `keepFor` (ISO 8601). Outlives outages. */
export async function forgetAgain(
  forgetting: Forgetting & { logger: Logger },
  keepFor: string,
  signal: AbortSignal,
): Promise<void> {
  const { logger } = forgetting;
  while (!signal.aborted) {
    const { forgotten, failures } = await forget(forgetting, keepFor, signal);
    if (Object.values(forgotten).some((count) => count > 0)) logger.info(forgotten, 'forgotten');
    for (const err of failures) logger.warn({ err }, 'what is old cannot be forgotten now');
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}
