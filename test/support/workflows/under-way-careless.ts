import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import { blue, green } from './probe-steps.ts';

export { alert } from '../../../src/saga/alert.ts';
export { sweep } from '../../../src/saga/sweep.ts';

/** A step was added, and nobody thought of the sagas that are parked behind its place. */
export const probe = defineSaga({
  type: 'probe',
  input: z.object({ plan: z.array(z.unknown()), deadline: z.string().optional() }),
  steps: [blue, green],
  async run(saga) {
    await saga.step(green, { label: 'a' });
    await saga.step(blue, { label: 'b' });
    return {};
  },
});
