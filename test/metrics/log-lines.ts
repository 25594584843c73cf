import { createLogger } from '../../src/logger.ts';

/** A logger as the processes have it, and what it has written. */
export function logLines() {
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it looks for
  const lines: any[] = [];
  const logger = createLogger('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
  return { logger, lines };
}
