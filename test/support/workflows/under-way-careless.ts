import { probeOf } from './probe-of.ts';
import { blue, green } from './probe-steps.ts';

export { alert, sweep } from './probe-of.ts';

/** A step was added, and nobody thought of the sagas that are parked behind its place. */
export const probe = probeOf([blue, green], async (saga) => {
  await saga.step(green, { label: 'a' });
  await saga.step(blue, { label: 'b' });
});
