import { probeOf } from './probe-of.ts';
import { green, red } from './probe-steps.ts';

export { alert, sweep } from './probe-of.ts';

/** A saga as it was before a step was added. */
export const probe = probeOf([red, green], async (saga) => {
  await saga.step(red, { label: 'a' });
  await saga.decision('PT1H');
  await saga.step(green, { label: 'c' });
});
