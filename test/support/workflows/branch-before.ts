import { probeOf } from './probe-of.ts';
import { red } from './probe-steps.ts';

export { alert, sweep } from './probe-of.ts';

/** A saga as it was before a step was added to a branch. */
export const probe = probeOf([red], async (saga) => {
  await saga.parallel([() => saga.step(red, { label: 'a' })]);
  await saga.decision('PT1H');
});
