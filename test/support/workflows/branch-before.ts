import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import { red } from './probe-steps.ts';

export { alert } from '../../../src/saga/alert.ts';
export { sweep } from '../../../src/saga/sweep.ts';

/** A saga as it was before a step was added to a branch. */
export const probe = defineSaga({
  type: 'probe',
  input: z.object({ plan: z.array(z.unknown()), deadline: z.string().optional() }),
  steps: [red],
  async run(saga) {
    await saga.parallel([() => saga.step(red, { label: 'a' })]);
    await saga.decision('PT1H');
    return {};
  },
});
