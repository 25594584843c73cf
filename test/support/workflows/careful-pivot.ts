import { probeOf } from './probe-of.ts';
import { blue, pivot, red } from './probe-steps.ts';

export { alert, sweep } from './probe-of.ts';

/** A step was added before the pivot: sagas that are past its place go on without it. */
export const probe = probeOf([red, blue, pivot], async (saga) => {
  await saga.step(red, { label: 'a' });
  if (saga.changed('add-blue')) await saga.step(blue, { label: 'b' });
  await saga.step(pivot, { label: 'p' });
});
