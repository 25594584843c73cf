import { createLogger } from '../../src/logger.ts';
import { installRuntime } from '../../src/metrics/runtime.ts';

/** Logs only errors, to the file of the process. */
export function quietRuntime() {
  const logger = createLogger('bench', 'error');
  installRuntime(logger, 0);
  return logger;
}
