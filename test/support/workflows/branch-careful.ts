import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import { blue, red } from './probe-steps.ts';

export { alert } from '../../../src/saga/alert.ts';
export { sweep } from '../../../src/saga/sweep.ts';

/** A step was added to a branch: sagas that are past its place go on without it. */
export const probe = defineSaga({
  type: 'probe',
  input: z.object({ plan: z.array(z.unknown()), deadline: z.string().optional() }),
  steps: [red, blue],
  async run(saga) {
    const branch = async () => {
      await saga.step(red, { label: 'a' });
      if (saga.changed('add-blue')) await saga.step(blue, { label: 'b' });
    };
    await saga.parallel([branch]);
    await saga.decision('PT1H');
    return {};
  },
});
