import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Forgetting, forget } from './forget.ts';

const intervalMs = 600_000;

/** Runs `forget` periodically. Survives outages. */
export async function forgetAgain(
  forgetting: Forgetting & { logger: Logger },
  keepFor: string,
  signal: AbortSignal,
): Promise<void> {
  const { logger } = forgetting;
  while (!signal.aborted) {
    const { forgotten, failures } = await forget(forgetting, keepFor, signal);
    if (Object.values(forgotten).some((count) => count > 0)) logger.info(forgotten, 'forgotten');
    for (const err of failures) logger.warn({ err }, 'old rows cannot be deleted now');
    await pause(intervalMs, undefined, { signal }).catch(() => {});
  }
}
