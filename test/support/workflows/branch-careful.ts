import { probeOf } from './probe-of.ts';
import { blue, red } from './probe-steps.ts';

export { alert, sweep } from './probe-of.ts';

/** A step was added to a branch: sagas that are past its place go on without it. */
export const probe = probeOf([red, blue], async (saga) => {
  const branch = async () => {
    await saga.step(red, { label: 'a' });
    if (saga.changed('add-blue')) await saga.step(blue, { label: 'b' });
  };
  await saga.parallel([branch]);
  await saga.decision('PT1H');
});
