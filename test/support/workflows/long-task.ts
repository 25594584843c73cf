import type { Saga } from '../../../src/saga/saga.ts';
import { mortgageOrigination } from '../../../src/workflows/mortgage-origination.ts';

/** The task in which it is decided, and ends, takes a second: long enough for something to come meanwhile. */
Object.assign(mortgageOrigination.definition, {
  async run(saga: Saga) {
    await saga.decision('PT1H');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    return {};
  },
});

export * from '../../../src/workflows/index.ts';
