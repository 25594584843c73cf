import { afterAll, beforeAll, expect, test } from 'vitest';
import { workerRoles } from '../../src/worker/start-workers.ts';
import { origination, untilUnwinder, waitingSaga } from '../support/left-behind.ts';
import { granted, rowsOf, undosOf } from '../support/originations.ts';
import { resetAt } from '../support/reset.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ placed: true });
});
afterAll(() => system.end());

const approve = (id: string) => system.command(id, 'decision', { approved: true });
const orderTo = (action: string, id: string) => system.command(id, action);

test('a terminated saga whose pivot was begun, and whose answer nobody has, is not undone', async () => {
  const id = await waitingSaga(system);
  system.config.failpoints.push({ step: 'disburse-funds', op: 'do', at: 'after_commit', do: 'hang' });
  await approve(id);
  await expect
    .poll(() => rowsOf(system, id), { timeout: 10_000 })
    .toMatchObject({ entries: granted.entries });
  // Its worker ends with the stretch, and does not come to the next task.
  await system.rest(...workerRoles);
  const { events } = await system.handle(origination, id).fetchHistory();
  expect(events?.some((event) => event.activityTaskCompletedEventAttributes)).toBe(true);
  const scheduled = events?.map(({ activityTaskScheduledEventAttributes: at }) => at?.activityId);
  expect(scheduled?.some((id) => id?.startsWith('do:disburse-funds'))).toBe(false);
  await system.handle(origination, id).terminate('by mistake');

  system.config.failpoints.length = 0;
  await system.work(...workerRoles);
  await untilUnwinder(system, id);
  await expect
    .poll(async () => (await orderTo('compensate', id)).body.detail, { timeout: 20_000 })
    .toMatch(/disburse-funds has committed|possible: resolve/);
  expect((await orderTo('resolve', id)).status).toBe(200);
  expect((await system.untilEnded(id)).state).toBe('completed');
  expect(await rowsOf(system, id)).toMatchObject({
    customers: 1,
    applications: [expect.stringMatching(/^approved/)],
    entries: granted.entries,
  });
}, 90_000);

test('a saga that was reset behind its pivot and is stopped waits for an operator, and undoes nothing', async () => {
  const id = await waitingSaga(system);
  await approve(id);
  expect((await system.untilEnded(id)).state).toBe('completed');
  const { client } = system.temporal;
  const { events } = await system.handle(origination, id).fetchHistory();
  const first = events?.find((event) => event.workflowTaskCompletedEventAttributes);
  await resetAt(client, { workflowId: `${origination}-${id}` }, first);
  await expect.poll(async () => (await system.get(id)).state).toBe('waiting');
  await system.handle(origination, id).cancel();
  await system.untilState(id, 'parked');
  expect((await orderTo('resolve', id)).status).toBe(200);
  const saga = await system.untilEnded(id);
  // Its pivot is asked for, and has committed.
  expect(undosOf(saga)).toEqual(['disburse-funds nothing-to-undo']);
  expect(await rowsOf(system, id)).toEqual(granted);
}, 60_000);
