import { afterAll, beforeAll, expect, test } from 'vitest';
import { origination, waitingSaga } from '../support/left-behind.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ workflows: 'long-task' });
});
afterAll(() => system.end());

test('a decision is taken although Temporal throws the task away in which it was taken first', async () => {
  const id = await waitingSaga(system);
  const handle = system.handle(origination, id);
  const decided = system.call('POST', `/sagas/${id}/decision`, { approved: true, reason: 'fine' });
  const started = 2;
  await expect
    .poll(async () => (await handle.describe()).raw.pendingWorkflowTask?.state, {
      interval: 10,
      timeout: 10_000,
    })
    .toBe(started);
  // A saga cannot close over an event that it has not seen.
  await handle.signal('anything');

  expect(await decided).toMatchObject({ status: 200, body: { decision: { approved: true } } });
  expect(await system.untilEnded(id)).toMatchObject({ state: 'completed' });
  const { events } = await handle.fetchHistory();
  expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toHaveLength(1);
}, 60_000);
