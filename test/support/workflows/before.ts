import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import { green, red } from './probe-steps.ts';

export { alert } from '../../../src/saga/alert.ts';
export { sweep } from '../../../src/saga/sweep.ts';

/** A saga as it was before a step was added. */
export const probe = defineSaga({
  type: 'probe',
  input: z.object({ plan: z.array(z.unknown()), deadline: z.string().optional() }),
  steps: [red, green],
  async run(saga) {
    await saga.step(red, { label: 'a' });
    await saga.decision('PT1H');
    await saga.step(green, { label: 'c' });
    return {};
  },
});
