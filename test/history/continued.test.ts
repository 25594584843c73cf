import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSteps } from '../../src/history/find-steps.ts';
import { readRuns } from '../../src/history/read-runs.ts';
import { deleteEarlierRuns } from '../support/delete-runs.ts';
import { brief, readEvents, timelineOf } from '../support/events.ts';
import { byOlga, origination, untilUnwinder, unwinderOf, waitingSaga } from '../support/left-behind.ts';
import { originate } from '../support/originations.ts';
import { resetToBefore } from '../support/reset.ts';
import { continuesAfter, deletesAtOnce } from '../support/server-settings.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ serverArgs: [...continuesAfter(10), ...deletesAtOnce] });
});
afterAll(() => system.end());

const visits = ['visit-customer', 'visit-mortgage', 'visit-loan'];
const runsOf = async (workflowId: string) =>
  (await readRuns(system.temporal.client, workflowId))?.runs.map(({ runId }) => runId) ?? [];

test('a saga that continued as new has one timeline, and its stream goes on from run to run', async () => {
  const id = await system.start('rehearsal', {});
  const live = readEvents(system, id);
  const saga = await system.untilEnded(id);
  expect((await runsOf(`rehearsal-${id}`)).length).toBeGreaterThan(1);
  expect(saga).toMatchObject({ state: 'completed', input: {}, result: {} });
  expect(stepsOf(saga)).toEqual(visits.map((step) => `do ${step} done`));
  for (const seen of [await live, await readEvents(system, id)]) {
    expect(seen.filter(({ event }) => event !== 'timeline').map(brief)).toEqual([
      'running',
      'completed',
      'end',
    ]);
    expect(timelineOf(seen)).toEqual(saga.timeline);
  }
  const { steps } = await findSteps(system.temporal.client, { type: 'rehearsal', sagaId: id });
  expect(steps).toEqual(visits.map((step, position) => ({ step, generation: 1, position })));
});

test('a saga that continued as new and was reset, also to a run before the newest, has one timeline', async () => {
  const id = await system.start('rehearsal', {});
  await system.untilEnded(id);
  const workflowId = `rehearsal-${id}`;
  const [first] = await runsOf(workflowId);
  const before = await system.get(id);
  await resetToBefore(system, workflowId, 'visit-customer', first);
  await expect.poll(() => runsOf(workflowId).then(({ length }) => length)).toBeGreaterThan(3);
  const saga = await system.untilEnded(id);
  expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
  expect(stepsOf(saga)).toEqual(visits.map((step) => `do ${step} done`));
  expect(saga.timeline[0]?.seq).toBeGreaterThan(before.timeline.at(-1)?.seq ?? 0);
  expect(timelineOf(await readEvents(system, id))).toEqual(saga.timeline);
});

test('a terminated saga whose unwinder continued as new has one timeline', async () => {
  const id = await waitingSaga(system);
  const live = readEvents(system, id);
  await system.handle(origination, id).terminate('by hand');
  await untilUnwinder(system, id);
  await unwinderOf(system, id).signal('compensate', byOlga);
  const saga = await system.untilEnded(id);
  expect((await runsOf(`unwind-${id}`)).length).toBeGreaterThan(1);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([{ type: 'terminated', message: 'by hand' }]);
  expect(stepsOf(saga).slice(-2)).toEqual(['undo submit-application done', 'undo register-customer done']);
  expect(timelineOf(await live)).toEqual(saga.timeline);
});

test('a decision after the saga continued as new is 409 with the one that stands', async () => {
  const refused = { step: 'activate-loan', op: 'do', at: 'before', do: 'refuse' } as const;
  const id = await originate(system, [refused], { annual_income: undefined });
  await system.untilState(id, 'waiting');
  const { body: taken } = await system.command(id, 'decision', { approved: true });
  await system.untilState(id, 'parked');
  const workflowId = `${origination}-${id}`;
  const before = await runsOf(workflowId);
  for (let n = 0; n < 20; n++) await system.handle(origination, id).signal('noise');
  await expect.poll(() => runsOf(workflowId), { timeout: 20_000 }).not.toEqual(before);
  const { status, body } = await system.command(id, 'decision', { approved: false });
  expect(status).toBe(409);
  expect(body).toMatchObject({ decision: taken.decision, state: 'parked' });
  expect(taken.decision).toMatchObject({ approved: true, by: 'admin' });
});

test('one that was past its pivot when it continued as new stays so, though its first runs are no longer kept', async () => {
  const id = await originate(system, [{ step: 'activate-loan', op: 'do', at: 'before', do: 'refuse' }]);
  await system.untilState(id, 'parked');
  const workflowId = `${origination}-${id}`;
  const handle = system.handle(origination, id);
  for (let n = 0; n < 20; n++) await handle.signal('noise');
  const isIgnored = (entry: object) => 'event' in entry && entry.event === 'ignored-signal';
  await expect
    .poll(async () => (await system.get(id)).timeline.filter(isIgnored).length, { timeout: 20_000 })
    .toBe(20);
  const { client } = system.temporal;
  await deleteEarlierRuns(client, workflowId);
  // It tells of no step: its pivot, and all before it, were done by the others.
  const found = await readRuns(client, workflowId);
  expect(found?.newest.events.some((event) => event.activityTaskScheduledEventAttributes)).toBe(false);
  await handle.terminate('by hand');
  await untilUnwinder(system, id);
  const unwinder = unwinderOf(system, id);
  await expect
    .poll(async () => (await unwinder.query<{ parked: unknown[] }>('saga')).parked, { timeout: 20_000 })
    .toMatchObject([{ step: null, possible: ['resolve'] }]);
  expect((await system.get(id)).state).toBe('parked');
  const entries = await system.sql.loan`select 1 from ledger_entry where saga_id = ${id}`;
  expect(entries).toHaveLength(2);
});
