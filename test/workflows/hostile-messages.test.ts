import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guardRows } from '../matrix/look.ts';
import { waitingSaga } from '../support/left-behind.ts';
import { resetAt } from '../support/reset.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const yes = { approved: true, by: 'uma', reason: 'fine' };
const bytes = (text: string) => new TextEncoder().encode(text);

const signalRaw = (id: string, signalName: string, encoding: string, data: string) =>
  system.temporal.client.workflowService.signalWorkflowExecution({
    namespace: system.temporal.client.options.namespace,
    workflowExecution: { workflowId: `mortgage-origination-${id}` },
    signalName,
    input: { payloads: [{ metadata: { encoding: bytes(encoding) }, data: bytes(data) }] },
  });

test.each([
  ['an encoding that nobody knows', 'decide', 'binary/encrypted', 'x'],
  ['no encoding', 'decide', '', 'x'],
  ['JSON that is broken', 'decide', 'json/plain', '{'],
  ['a name that the SDK keeps for itself', '__temporal_decide', 'json/plain', '{}'],
])('a signal with %s is ignored, and the saga can still be decided', async (_, name, encoding, data) => {
  const id = await waitingSaga(system);
  await signalRaw(id, name, encoding, data);
  await system.handle('mortgage-origination', id).signal('decide', yes);
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('completed');
  expect(saga.timeline).toContainEqual(expect.objectContaining({ event: 'ignored-signal' }));
});

test('a decision that is signalled again with its id is one, and another one with that id is ignored', async () => {
  const id = await waitingSaga(system);
  await system.rest('loan');
  const decide = (decision: object) => system.handle('mortgage-origination', id).signal('decide', decision);
  await decide({ id: 'd1', ...yes });
  const step = async () => (await system.get(id)).step;
  await expect.poll(step, { timeout: 20_000 }).toBe('book-loan');
  await decide({ id: 'd1', ...yes });
  await decide({ id: 'd1', ...yes, approved: false });
  await system.work('loan');
  const { state, timeline } = await system.untilEnded(id);
  expect(state).toBe('completed');
  expect(timeline.filter((entry) => 'event' in entry)).toMatchObject([
    { event: 'decision', id: 'd1', approved: true },
    { event: 'ignored-signal', why: 'already-decided' },
  ]);
});

const startRaw = (input: unknown[], workflowId = `rehearsal-${randomUUID()}`) =>
  system.temporal.client.workflow.start('rehearsal', { workflowId, taskQueue: 'sagas', args: input });

test.each([[[]], [[null]], [['x']], [[7]], [[{ colour: 'red' }]], [[{ deadline: 'soon' }]]])(
  'a saga that is started by hand with %j as its input ends compensated and has done nothing',
  async (input) => {
    const handle = await startRaw(input);
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'SagaCompensated' } });
    const id = handle.workflowId.slice('rehearsal-'.length);
    expect(await guardRows(system, id)).toEqual([]);
  },
);

test('a workflow whose id is no saga id fails at once and says what it must be', async () => {
  const handle = await startRaw([{}], 'my-rehearsal');
  await expect(handle.result()).rejects.toMatchObject({
    cause: { message: 'the workflow id must be rehearsal-<UUID>' },
  });
});

test('a cancel before the first task ends the saga cancelled, with nothing done', async () => {
  await system.rest('sagas');
  const id = await system.start('rehearsal', {});
  await system.handle('rehearsal', id).cancel();
  await system.work('sagas');
  expect((await system.untilEnded(id)).state).toBe('cancelled');
  expect(await guardRows(system, id)).toEqual([]);
});

test('a reset to before the pivot, and then a cancel, does not cancel a loan that is paid out', async () => {
  system.config.failpoints.push({ step: 'activate-loan', op: 'do', at: 'before', do: 'error' });
  const id = await waitingSaga(system);
  const handle = system.handle('mortgage-origination', id);
  await handle.signal('decide', yes);
  const paidOut = () =>
    system.sql.loan`select 1 from ledger_entry where saga_id = ${id}`.then((rows) => rows.length);
  await expect.poll(paidOut, { timeout: 10_000 }).toBe(2);
  const { events } = await handle.fetchHistory();
  const scheduled =
    events?.findIndex(
      (e) => e.activityTaskScheduledEventAttributes?.activityType?.name === 'disburse-funds',
    ) ?? 0;
  const task = events?.slice(0, scheduled).findLast((event) => event.workflowTaskCompletedEventAttributes);
  await system.rest('sagas');
  await resetAt(system.temporal.client, { workflowId: handle.workflowId }, task);
  await handle.cancel();
  await system.work('sagas');
  const saga = await system.untilState(id, 'parked');
  expect(saga.errors.execution).toMatchObject([
    { type: 'cancelled' },
    { message: 'disburse-funds has committed: nothing is undone' },
  ]);
  const order = (action: string) => system.command(id, action, { reason: 'paid out' });
  expect(await order('compensate')).toMatchObject({
    status: 409,
    body: { possible: [{ action: 'resolve', step: null }] },
  });
  expect((await order('resolve')).status).toBe(200);
  const ended = await system.untilEnded(id);
  expect(ended.state).toBe('completed');
  expect(ended.errors.execution.at(-1)).toMatchObject({ resolved: { by: 'admin', reason: 'paid out' } });
  expect(await system.sql.loan`select status from loan where saga_id = ${id}`).toEqual([
    { status: 'booked' },
  ]);
  system.config.failpoints.length = 0;
});
