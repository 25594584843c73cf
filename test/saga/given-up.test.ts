import { expect, test } from 'vitest';
import { startProbes } from '../support/probes.ts';
import { continuesAfter } from '../support/server-settings.ts';
import { stepsOf } from '../support/system.ts';

test('given up while it is about to continue as new, a saga is compensated, and nothing was resolved by hand', async () => {
  const probes = await startProbes({ serverArgs: continuesAfter(20), code: 'slow-parking' });
  const { id, handle } = await probes.start([], { b: 'held-then-refused' });
  await expect.poll(async () => stepsOf(await probes.read(id))).toContain('do blue running');
  for (let n = 0; n < 30; n++) await handle.signal('noise');
  probes.heal(id);
  const events = async () => (await handle.fetchHistory()).events ?? [];
  const isParking = async () => {
    const failed = (await events()).findIndex((event) => event.activityTaskFailedEventAttributes);
    return (
      failed >= 0 && (await events()).slice(failed).some((event) => event.workflowTaskStartedEventAttributes)
    );
  };
  await expect.poll(isParking, { interval: 10, timeout: 10_000 }).toBe(true);
  await handle.signal('compensate', { by: 'olga', reason: 'given up' });
  const saga = await probes.untilEnded(id);
  expect(saga).toMatchObject({
    state: 'compensated',
    errors: { execution: [{ step: 'blue', type: 'refused' }, { type: 'given-up' }] },
  });
  expect(JSON.stringify(saga)).not.toContain('resolved');
  expect(await probes.marks(id)).toEqual([]);
  await probes.end();
});
