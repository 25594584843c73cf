import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LockSweepInput } from '../../src/saga/lock-sweep.ts';
import { sagaTaskQueue } from '../../src/workflows/start-options.ts';
import { originate } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';

const hour = 3_600_000;
const quarter = hour / 4;

let system: System;
beforeAll(async () => {
  system = await startSystem({ sweepLocksEveryMs: hour });
});
afterAll(() => system.end());

test('the first pass in a quarter of an hour frees what the index showed too late for the ones before', async () => {
  const id = await originate(system, [{ step: 'activate-loan', op: 'do', at: 'before', do: 'refuse' }]);
  await system.untilState(id, 'parked');
  await system.command(id, 'resolve');
  await system.untilEnded(id);
  const holder = async () => (await system.sql.loan`select held_by from loan where saga_id = ${id}`)[0];
  expect(await holder()).toEqual({ held_by: id });

  // Of the quarter to come, so that only another look at the past can find this saga.
  const since = new Date((Math.floor(Date.now() / quarter) + 1.5) * quarter).toISOString();
  const input: LockSweepInput = { service: 'loan', everyMs: hour, since };
  await system.temporal.client.workflow.start('sweepLocks', {
    taskQueue: sagaTaskQueue,
    workflowId: 'sweep-locks-late',
    args: [input],
  });
  await expect.poll(holder, { timeout: 20_000, interval: 200 }).toEqual({ held_by: null });
});
