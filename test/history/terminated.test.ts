import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atLeast } from '../support/at-least.ts';
import { deleteRun } from '../support/delete-runs.ts';
import { brief, readEvents, timelineOf } from '../support/events.ts';
import {
  byOlga,
  firstTaskOf,
  origination,
  untilUnwinder,
  unwinderOf,
  unwinderStatus,
  waitingSaga,
} from '../support/left-behind.ts';
import { referred } from '../support/originations.ts';
import { resetAt } from '../support/reset.ts';
import { deletesAtOnce } from '../support/server-settings.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ serverArgs: deletesAtOnce });
});
afterAll(() => system.end());

const terminate = (id: string, type = origination) => system.handle(type, id).terminate('by hand');
const statusOf = (id: string) =>
  system.sql.mortgage`select status from application where saga_id = ${id}`.then(([row]) => row?.status);
const terminated = { step: null, op: null, type: 'terminated', message: 'by hand' };

test('a terminated saga is parked at once, and an unwinder stands in for it without anybody asking', async () => {
  const id = await waitingSaga(system);
  await terminate(id);
  const saga = await system.get(id);
  expect(saga).toMatchObject({ state: 'parked', errors: { execution: [terminated] } });
  await expect.poll(() => unwinderStatus(system, id), { timeout: 30_000 }).toBe('RUNNING');
  const later = await system.get(id);
  expect(later).toMatchObject({ state: 'parked', input: saga.input, errors: saga.errors });
  expect(later.timeline.slice(0, saga.timeline.length)).toEqual(saga.timeline);
});

test('a command to compensate undoes what it did, and its stream goes on to the end', async () => {
  const id = await waitingSaga(system);
  const live = readEvents(system, id);
  await terminate(id);
  await untilUnwinder(system, id);
  expect(await statusOf(id)).toBe('pending');
  await unwinderOf(system, id).signal('compensate', byOlga);

  const seen = await live;
  expect(await statusOf(id)).toBe('withdrawn');
  const saga = await system.get(id);
  expect(saga).toMatchObject({
    state: 'compensated',
    result: null,
    errors: { execution: [terminated], compensation: [] },
  });
  expect(saga.errors.execution).toHaveLength(1);
  expect(stepsOf(saga).slice(-2)).toEqual(['undo submit-application done', 'undo register-customer done']);
  expect(saga.timeline).toContainEqual(
    expect.objectContaining({ event: 'operator', action: 'compensate', step: null, ...byOlga }),
  );

  expect(seen.filter(({ event }) => event !== 'timeline').map(brief)).toEqual([
    'running',
    'waiting',
    'parked',
    'compensating',
    'compensated',
    'end',
  ]);
  const ids = seen.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  expect(timelineOf(seen)).toEqual(saga.timeline);
});

test('a stream of a saga that was unwound long after its end goes on after any event that was seen', async () => {
  const id = await waitingSaga(system);
  await terminate(id);
  await untilUnwinder(system, id);
  await unwinderOf(system, id).signal('compensate', byOlga);
  await system.untilEnded(id);
  const all = await readEvents(system, id);
  expect(all.map(brief).at(-1)).toBe('end');
  const numbered = all.filter(({ id }) => id !== undefined);
  for (const { id: after = '' } of [numbered[2], numbered.at(-3)].filter((seen) => seen !== undefined)) {
    const rest = await readEvents(system, id, { after });
    expect(rest).toEqual(all.slice(all.findIndex((seen) => seen.id === after) + 1));
  }
});

test('resolved by hand, it has failed, and its error says who resolved it', async () => {
  const id = await waitingSaga(system);
  await terminate(id);
  await untilUnwinder(system, id);
  await unwinderOf(system, id).signal('resolve', byOlga);
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('failed');
  expect(saga.errors.execution).toMatchObject([{ ...terminated, resolved: byOlga }]);
  expect(await statusOf(id)).toBe('pending');
});

test('past its pivot nothing is undone, and resolved by hand it is completed', async () => {
  system.config.failpoints.push({ step: 'activate-loan', op: 'do', at: 'before', do: 'error' });
  const id = await waitingSaga(system);
  await system.handle(origination, id).signal('decide', { approved: true, by: 'uma', reason: 'fine' });
  await expect
    .poll(async () => stepsOf(await system.get(id)), { timeout: 10_000 })
    .toContain('do activate-loan running');
  await terminate(id);
  await untilUnwinder(system, id);
  system.config.failpoints.length = 0;
  await unwinderOf(system, id).signal('compensate', byOlga);
  const refused = async () => (await system.get(id)).timeline.at(-1);
  await expect.poll(refused, { timeout: 20_000 }).toMatchObject({
    ...{ event: 'ignored-signal', signal: 'compensate', why: 'not-carried-out' },
    detail:
      'disburse-funds has committed, so nothing may be undone; a reset of its workflow lets the saga go on',
  });
  expect((await system.get(id)).state).toBe('parked');
  const refusedOrder = { id: 'order-1', reason: 'undo it' };
  for (const _ of ['first', 'sent again'])
    expect(await system.command(id, 'compensate', refusedOrder)).toMatchObject({
      status: 409,
      body: { possible: [{ action: 'resolve', step: null }] },
    });
  await unwinderOf(system, id).signal('resolve', byOlga);
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('completed');
  expect(saga.errors.execution).toMatchObject([{ ...terminated, resolved: byOlga }]);
  expect(await statusOf(id)).toBe('approved');
  expect(await system.sql.loan`select status from loan where saga_id = ${id}`).toEqual([
    { status: 'booked' },
  ]);
});

test('what its unwinder is trying shows in GET, with attempt and error', async () => {
  const id = await waitingSaga(system);
  await terminate(id);
  await untilUnwinder(system, id);
  const failing = { saga: id, step: 'register-customer', op: 'undo', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(failing);
  await unwinderOf(system, id).signal('compensate', byOlga);
  const tried = async () => {
    const saga = await system.get(id);
    const entry = saga.timeline.find(
      (entry) => 'op' in entry && entry.op === 'undo' && entry['step'] === failing.step,
    );
    return { ...entry, errors: saga.errors.compensation };
  };
  await expect.poll(tried, { timeout: 20_000 }).toMatchObject({
    status: 'running',
    attempt: atLeast(3),
    error: 'failpoint before',
    errors: [{ step: failing.step }],
  });
  system.config.failpoints.length = 0;
  expect((await system.untilEnded(id)).errors.compensation).toEqual([]);
});

test('one that had begun no step has failed, and is at its end', async () => {
  await system.rest('sagas');
  const id = await system.start('rehearsal', {});
  await terminate(id, 'rehearsal');
  expect(await system.get(id)).toMatchObject({ state: 'failed', errors: { execution: [terminated] } });
  expect((await readEvents(system, id)).map(brief)).toEqual(['running', 'failed', 'end']);
  await system.work('sagas');
  await expect.poll(() => unwinderStatus(system, id), { timeout: 30_000 }).toBe('FAILED');
  expect(await system.get(id)).toMatchObject({ state: 'failed', errors: { execution: [terminated] } });
});

test('a step in flight has failed with its workflow, and nothing is running once the saga is compensated', async () => {
  await system.rest('loan');
  const id = await system.start('rehearsal', {});
  const steps = async () => stepsOf(await system.get(id));
  await expect.poll(steps, { timeout: 10_000 }).toContain('do visit-loan running');
  await terminate(id, 'rehearsal');
  expect((await system.get(id)).timeline).toContainEqual(
    expect.objectContaining({
      op: 'do',
      step: 'visit-loan',
      status: 'failed',
      error: 'its workflow was terminated',
      finished_at: expect.any(String),
    }),
  );
  await system.work('loan');
  await untilUnwinder(system, id);
  await unwinderOf(system, id).signal('compensate', byOlga);
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(stepsOf(saga).filter((step) => step.endsWith('running'))).toEqual([]);
  expect(timelineOf(await readEvents(system, id))).toEqual(saga.timeline);
});

test('one whose workflow timed out is found as well', async () => {
  const id = randomUUID();
  await system.sql.unwind`
    insert into saga (id, type, caller, key, body_hash, started_at)
    values (${id}, ${origination}, 'admin', ${id}, 'h', now())`;
  await system.temporal.client.workflow.start(origination, {
    workflowId: `${origination}-${id}`,
    taskQueue: 'sagas',
    args: [referred()],
    workflowExecutionTimeout: '3 seconds',
  });
  await untilUnwinder(system, id);
  await unwinderOf(system, id).signal('compensate', byOlga);
  const saga = await system.untilEnded(id);
  expect(saga).toMatchObject({ state: 'compensated', errors: { execution: [{ type: 'timed-out' }] } });
  expect(await statusOf(id)).toBe('withdrawn');
});

test('one whose history is gone is told by what is left: its unwinder', async () => {
  const id = await waitingSaga(system);
  await terminate(id);
  await untilUnwinder(system, id);
  await deleteRun(system.temporal.client, { workflowId: `${origination}-${id}` });
  const gone = async () => (await system.get(id)).errors.execution;
  await expect.poll(gone, { timeout: 20_000 }).toMatchObject([{ message: 'its history is no longer kept' }]);
  expect(await system.get(id)).toMatchObject({ state: 'parked', input: null, result: null });
  await unwinderOf(system, id).signal('compensate', byOlga);
  expect((await system.untilEnded(id)).state).toBe('compensated');
  expect(await statusOf(id)).toBe('withdrawn');
});

test('an unwinder that is terminated leaves the saga parked, and says what to do', async () => {
  const id = await waitingSaga(system);
  await terminate(id);
  await untilUnwinder(system, id);
  const firstTask = await firstTaskOf(system, id);
  await unwinderOf(system, id).terminate('also by hand');
  const saga = await system.get(id);
  expect(saga.state).toBe('parked');
  expect(saga.errors.execution.map(({ message }) => message)).toEqual([
    'by hand',
    'its unwinder has ended (also by hand): reset that workflow',
  ]);
  await expect
    .poll(async () => (await system.call('GET', '/sagas?state=parked')).body.items, { timeout: 10_000 })
    .toContainEqual(expect.objectContaining({ saga_id: id, state: 'parked', ended_at: null }));
  const compensate = () => system.call('POST', `/sagas/${id}/compensate`, { reason: 'a mistake' });
  const { status, body } = await compensate();
  expect([status, body.detail, body.possible]).toEqual([
    409,
    'the saga is parked: its unwinder has ended (also by hand): reset that workflow',
    [],
  ]);
  await resetAt(system.temporal.client, { workflowId: `unwind-${id}` }, firstTask);
  await expect.poll(async () => (await compensate()).status, { timeout: 10_000 }).toBe(200);
  expect((await system.untilEnded(id)).state).toBe('compensated');
  expect(await statusOf(id)).toBe('withdrawn');
});

test('an unwinder cannot be cancelled', async () => {
  const id = await waitingSaga(system);
  await terminate(id);
  await untilUnwinder(system, id);
  await unwinderOf(system, id).cancel();
  await unwinderOf(system, id).signal('compensate', byOlga);
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(saga.timeline).toContainEqual(expect.objectContaining({ event: 'cancel-requested' }));
  expect(await statusOf(id)).toBe('withdrawn');
});

test('Prefer: wait answers a saga that was terminated meanwhile', async () => {
  await system.rest('loan');
  const request = { type: 'rehearsal', key: randomUUID() };
  const answer = system.call(
    'POST',
    '/sagas/rehearsal',
    {},
    { 'idempotency-key': request.key, prefer: 'wait=20' },
  );
  const started = async () =>
    (await system.sql.unwind`select id from saga where key = ${request.key}`).map(({ id }) => String(id));
  await expect.poll(started, { timeout: 10_000 }).toHaveLength(1);
  const [id = ''] = await started();
  await expect
    .poll(async () => stepsOf(await system.get(id)), { timeout: 10_000 })
    .toContain('do visit-loan running');
  await terminate(id, 'rehearsal');
  expect(await answer).toMatchObject({ status: 200, body: { saga_id: id, state: 'parked' } });
  await system.work('loan');
});
