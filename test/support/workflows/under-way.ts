import { probeOf } from './probe-of.ts';
import { blue, green } from './probe-steps.ts';

export { alert, sweep } from './probe-of.ts';

/** A saga as it was before a step was added ahead of one that may be parked. */
export const probe = probeOf([blue, green], async (saga) => {
  await saga.step(blue, { label: 'b' });
});
