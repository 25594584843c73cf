import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSteps } from '../../src/history/find-steps.ts';
import { readRuns } from '../../src/history/runs.ts';
import { brief, readEvents, timelineOf } from '../support/events.ts';
import { byOlga, origination, untilUnwinder, unwinderOf, waitingSaga } from '../support/left-behind.ts';
import { resetToBefore } from '../support/reset.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  const serverArgs = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=10'];
  system = await startSystem({ serverArgs });
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

test('so has one that was reset in between, also to a run before the newest', async () => {
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

test('and one that was terminated, with an unwinder that continued as new itself', async () => {
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
