import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import { blue, green } from './probe-steps.ts';

export { alert } from '../../../src/saga/alert.ts';
export { sweep } from '../../../src/saga/sweep.ts';

/** A saga as it was before a step was added ahead of one that may be parked. */
export const probe = defineSaga({
  type: 'probe',
  input: z.object({ plan: z.array(z.unknown()), deadline: z.string().optional() }),
  steps: [blue, green],
  async run(saga) {
    await saga.step(blue, { label: 'b' });
    return {};
  },
});
