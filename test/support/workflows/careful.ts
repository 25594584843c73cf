import { probeOf } from './probe-of.ts';
import { blue, green, red } from './probe-steps.ts';

export { alert, sweep } from './probe-of.ts';

/** A step was added: sagas that are past its place go on without it. */
export const probe = probeOf([red, blue, green], async (saga) => {
  await saga.step(red, { label: 'a' });
  if (saga.changed('add-blue')) await saga.step(blue, { label: 'b' });
  await saga.decision('PT1H');
  await saga.step(green, { label: 'c' });
});
