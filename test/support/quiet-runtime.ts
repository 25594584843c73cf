import { Runtime } from '@temporalio/worker';
import { afterAll, beforeAll } from 'vitest';
import { createLogger } from '../../src/logger.ts';
import { installRuntime } from '../../src/metrics/runtime.ts';

/** Temporal's runtime for the tests of a file that start no system. A process has one at a time, and runs many files. */
export function quietRuntime(): void {
  beforeAll(() => installRuntime(createLogger('test', 'silent'), 0));
  afterAll(() => Runtime.instance().shutdown());
}
