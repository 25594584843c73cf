import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type ForgetEnvironment, forget } from './forget.ts';

const intervalMs = 600_000;

/** Runs `forget` periodically. Survives outages. */
export async function forgetAgain(
  environment: ForgetEnvironment & { logger: Logger },
  keepFor: string,
  signal: AbortSignal,
): Promise<void> {
  const { logger } = environment;
  while (!signal.aborted) {
    const { forgotten, failures } = await forget(environment, keepFor, signal);
    if (Object.values(forgotten).some((count) => count > 0)) logger.info(forgotten, 'forgotten');
    for (const err of failures) logger.warn({ err }, 'old rows cannot be deleted now');
    await pause(intervalMs, undefined, { signal }).catch(() => {});
  }
}
