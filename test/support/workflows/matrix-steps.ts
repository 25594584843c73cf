import * as sagas from '../../../src/workflows/sagas.ts';
import './quick-steps.ts';

/** For many sagas at once: what is slow on a busy machine has not failed. A step that hangs does so for seconds. */
for (const { definition } of Object.values(sagas))
  for (const { retry, undoRetry } of definition.steps) {
    Object.assign(retry, { timeout: 4_000 });
    Object.assign(undoRetry, { timeout: 30_000 });
  }
