import { createLogger } from '../../src/logger.ts';
import { installRuntime } from '../../src/metrics/runtime.ts';

/** Errors alone are logged, to the process's own file. */
export function quietRuntime() {
  const logger = createLogger('bench', 'error');
  installRuntime(logger, 0);
  return logger;
}
