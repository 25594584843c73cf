import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRuns } from '../../src/history/runs.ts';
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
  for (let n = 0; n < 40; n++) await handle.signal('noise');
  await expect.poll(() => probes.runs(id), { timeout: 10_000 }).toBeGreaterThan(1);
  await probes.untilState(id, 'waiting');
  const runsOf = async () => (await readRuns(client, workflowId))?.runs.map(({ runId }) => runId) ?? [];
  const { runId: newest } = await handle.describe();
  for (const runId of await runsOf())
    if (runId !== newest)
      await client.workflowService.deleteWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId, runId },
      });
  await expect.poll(runsOf, { timeout: 45_000 }).toEqual([newest]);

  await handle.terminate('by hand');
  await untilUnwinder(probes.system, id);
  await unwinderOf(probes.system, id).signal('compensate', { by: 'olga', reason: 'seen to' });
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  expect((await probes.marks(id)).toSorted()).toEqual(['-a', '-b', 'a', 'b']);
}, 120_000);
