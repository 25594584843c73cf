import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import { blue } from './probe-steps.ts';

export { alert } from '../../../src/saga/alert.ts';
export { sweep } from '../../../src/saga/sweep.ts';

/** The task in which it parks takes a second: long enough for a command to come meanwhile. */
const slow = Object.defineProperty({ ...blue }, 'correctable', {
  get() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    return blue.correctable;
  },
});

export const probe = defineSaga({
  type: 'probe',
  input: z.object({ plan: z.array(z.unknown()), deadline: z.string().optional() }),
  steps: [slow],
  async run(saga) {
    await saga.step(slow, { label: 'b' });
    return {};
  },
});
