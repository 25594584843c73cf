import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import { blue, pivot, red } from './probe-steps.ts';

export { alert } from '../../../src/saga/alert.ts';
export { sweep } from '../../../src/saga/sweep.ts';

/** A step was added before the pivot: sagas that are past its place go on without it. */
export const probe = defineSaga({
  type: 'probe',
  input: z.object({ plan: z.array(z.unknown()), deadline: z.string().optional() }),
  steps: [red, blue, pivot],
  async run(saga) {
    await saga.step(red, { label: 'a' });
    if (saga.changed('add-blue')) await saga.step(blue, { label: 'b' });
    await saga.step(pivot, { label: 'p' });
    return {};
  },
});
