import * as sagas from '../../../src/workflows/sagas.ts';

/** The real workflows, with less patience: attempts are spent within a second or two. */
for (const { definition } of Object.values(sagas))
  for (const { retry, undoRetry } of definition.steps) {
    const quick = { attempts: 2, timeout: 1_500, backoff: 20, backoffCap: 100 };
    Object.assign(retry, quick);
    Object.assign(undoRetry, quick);
  }
