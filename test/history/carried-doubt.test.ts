import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteEarlierRuns } from '../support/delete-runs.ts';
import { untilUnwinder, unwinderOf } from '../support/left-behind.ts';
import { startProbes } from '../support/probes.ts';
import { continuesAfter, deletesAtOnce } from '../support/server-settings.ts';

let probes: Awaited<ReturnType<typeof startProbes>>;
beforeAll(async () => {
  probes = await startProbes({ serverArgs: [...continuesAfter(30), ...deletesAtOnce], placed: 'here' });
});
afterAll(() => probes.end());

test('a stand-in undoes what may have run before its saga continued as new, though the first runs are gone', async () => {
  const { client } = probes.system.temporal;
  const id = crypto.randomUUID();
  const workflowId = `probe-${id}`;
  await probes.runAhead(id, [
    { step: 'red', label: 'a' },
    { step: 'green', label: 'b' },
  ]);
  const plan = [{ step: 'red', label: 'a' }, { decide: 'PT1H' }] as const;
  await probes.start([...plan], {}, {}, { workflowId, signal: 'noise' });
  const handle = client.workflow.getHandle(workflowId);
  await probes.untilState(id, 'waiting');
  const noisily = () => handle.signal('noise').then(() => probes.runs(id));
  await expect.poll(noisily, { timeout: 20_000 }).toBeGreaterThan(1);
  await probes.untilState(id, 'waiting');
  await deleteEarlierRuns(client, workflowId);

  await handle.terminate('by hand');
  await untilUnwinder(probes.system, id);
  await unwinderOf(probes.system, id).signal('compensate', { by: 'olga', reason: 'seen to' });
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  expect((await probes.marks(id)).toSorted()).toEqual(['-a', '-b', 'a', 'b']);
}, 120_000);
