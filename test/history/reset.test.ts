import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { findSteps } from '../../src/history/find-steps.ts';
import { brief, readEvents, timelineOf } from '../support/events.ts';
import {
  byOlga,
  origination,
  sweep,
  untilUnwinder,
  unwinderOf,
  unwinderStatus,
  waitingSaga,
} from '../support/left-behind.ts';
import { nothing, originate, rowsOf } from '../support/originations.ts';
import { resetAt, resetToBefore, untilIndexed } from '../support/reset.ts';
import { shortLongPolls } from '../support/server-settings.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ serverArgs: shortLongPolls });
});
afterAll(() => system.end());
afterEach(() => {
  system.config.failpoints.length = 0;
});

const nameOf = (type: string, id: string) => `${type}-${id}`;
const seqsOf = (seen: { id: string | undefined }[]) =>
  seen.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
const increasing = (numbers: number[]) => [...new Set(numbers)].sort((a, b) => a - b);

/** A live stream, one from the beginning and GET tell the same. */
async function expectOneTimeline(
  id: string,
  live: Promise<{ id: string | undefined; event: string; data: unknown }[]>,
) {
  const { timeline } = await system.get(id);
  for (const seen of [await live, await readEvents(system, id)]) {
    expect(timelineOf(seen)).toEqual(timeline);
    expect(seqsOf(seen)).toEqual(increasing(seqsOf(seen)));
  }
  return timeline;
}

test('a saga that waited and is reset goes on in one timeline, and says nothing of a termination', async () => {
  const id = await waitingSaga(system);
  const live = readEvents(system, id);
  const before = await system.get(id);
  await resetToBefore(system, nameOf(origination, id), 'submit-application');
  await system.untilState(id, 'waiting');
  await expect
    .poll(async () => (await system.get(id)).timeline.at(-1)?.seq)
    .toBeGreaterThan(before.timeline.at(-1)?.seq ?? 0);
  await system.untilState(id, 'waiting');
  await system.handle(origination, id).signal('decide', { approved: true, by: 'uma', reason: 'fine' });
  const saga = await system.untilEnded(id);
  expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
  expect(saga.input).toEqual(before.input);
  // It was done by the first run, and by no other.
  expect(saga.timeline[0]).toEqual(before.timeline[0]);
  await expectOneTimeline(id, live);
  const states = (await live).filter(({ event }) => event === 'state').map(brief);
  expect(states).toEqual(['running', 'waiting', 'running', 'waiting', 'running', 'completed']);
});

test('a saga that was reset gets no unwinder, though the reset has terminated its first run', async () => {
  const id = await waitingSaga(system);
  await resetToBefore(system, nameOf(origination, id), 'submit-application');
  await untilIndexed(system, nameOf(origination, id), 'Terminated');
  await sweep(system);
  expect(await unwinderStatus(system, id)).toBe('none');
});

test('a decision that is sent again after the end is known, also if one before the reset was another', async () => {
  const id = await waitingSaga(system);
  await system.handle(origination, id).signal('decide', { approved: true, by: 'uma', reason: 'fine' });
  await system.untilEnded(id);
  await resetToBefore(system, nameOf(origination, id), 'submit-application');
  await system.untilState(id, 'waiting');
  const decide = () =>
    system.call('POST', `/sagas/${id}/decision`, { id: 'second', approved: true, reason: 'again' });
  const { status, body } = await decide();
  expect([status, body.decision.reason]).toEqual([200, 'again']);
  await system.untilEnded(id);
  expect(await decide()).toMatchObject({ status: 200, body: { decision: body.decision } });
});

test('a saga that was completed in time is not undone when it is reset after its deadline', async () => {
  const id = await system.start('rehearsal', { deadline: 'PT5S' });
  await system.untilEnded(id);
  const { startTime } = await system.handle('rehearsal', id).describe();
  await vi.waitUntil(() => Date.now() > startTime.getTime() + 5_000, { interval: 50, timeout: 10_000 });
  await resetToBefore(system, nameOf('rehearsal', id), 'visit-customer');
  const timeline = async () => (await system.get(id)).timeline;
  await expect.poll(timeline).toContainEqual(expect.objectContaining({ event: 'deadline' }));
  const saga = await system.untilEnded(id);
  expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
  expect(stepsOf(saga).filter((step) => step.startsWith('undo'))).toEqual([]);
  const ops = await Promise.all(
    (['customer', 'mortgage', 'loan'] as const).map(
      (service) => system.sql[service]`select op from saga_step where saga_id = ${id}`,
    ),
  );
  expect(ops.flat().map(({ op }) => op)).toEqual(['do', 'do', 'do']);
});

test('what the run before the reset has done stays on the timeline, and is undone', async () => {
  const id = await system.start('rehearsal', {});
  await system.untilEnded(id);
  await system.rest('sagas');
  const runId = await resetToBefore(system, nameOf('rehearsal', id), 'visit-mortgage');
  const before = await system.get(id);
  expect(before).toMatchObject({ state: 'running', step: 'visit-customer', result: null });
  expect(stepsOf(before)).toContain('do visit-loan done');
  const live = readEvents(system, id);
  await system.handle('rehearsal', id).cancel();
  await system.work('sagas');
  const saga = await system.untilEnded(id);
  expect(saga).toMatchObject({ state: 'cancelled', errors: { execution: [{ type: 'cancelled' }] } });
  expect(stepsOf(saga)).toEqual([
    ...['visit-customer', 'visit-mortgage', 'visit-loan'].map((step) => `do ${step} done`),
    ...['visit-loan', 'visit-mortgage', 'visit-customer'].map((step) => `undo ${step} done`),
  ]);
  await expectOneTimeline(id, live);
  const described = await system.handle('rehearsal', id).describe();
  expect(described.runId).toBe(runId);
});

test('a run that was reset twice is told once, and so are both that came of it', async () => {
  const id = await system.start('rehearsal', {});
  await system.untilEnded(id);
  const workflowId = nameOf('rehearsal', id);
  const { runId: first } = await system.handle('rehearsal', id).describe();
  const live = async () => readEvents(system, id);
  for (const step of ['visit-loan', 'visit-mortgage']) {
    const refusing = step === 'visit-loan';
    if (refusing) system.config.failpoints.push({ step, op: 'do', at: 'before', do: 'refuse' });
    await resetToBefore(system, workflowId, step, first);
    await system.untilState(id, refusing ? 'compensated' : 'completed', 'failed', 'compensated');
    system.config.failpoints.length = 0;
  }
  const saga = await system.untilEnded(id);
  expect(stepsOf(saga)).toContain('undo visit-customer done');
  expect(stepsOf(saga).filter((step) => step.startsWith('do visit-customer'))).toHaveLength(1);
  await expectOneTimeline(id, live());
  const { status, steps } = await findSteps(system.temporal.client, { type: 'rehearsal', sagaId: id });
  expect(status).toBe('ended');
  expect(steps).toEqual(
    ['visit-customer', 'visit-mortgage', 'visit-loan'].map((step, position) => ({
      step,
      generation: 1,
      position,
    })),
  );
});

test('a terminated saga that is reset runs again: its unwinder is told no more, undoes nothing, and can be closed', async () => {
  const id = await waitingSaga(system);
  const before = (await system.get(id)).timeline.at(-1)?.seq ?? 0;
  await system.handle(origination, id).terminate('by hand');
  await untilUnwinder(system, id);
  const live = readEvents(system, id);
  await expect.poll(async () => (await system.get(id)).timeline.at(-1)).toMatchObject({ event: 'alert' });
  // Its events take more numbers than the next run needs to begin.
  for (let n = 0; n < 20; n++) await unwinderOf(system, id).signal('noise');
  const ofTheUnwinder = async () =>
    (await system.get(id)).timeline.flatMap((entry) => ('event' in entry ? [entry.event] : []));
  const ignored = Array.from({ length: 20 }, () => 'ignored-signal');
  await expect.poll(ofTheUnwinder).toEqual(['alert', ...ignored]);
  const after = String((await system.get(id)).timeline.at(-1)?.seq);
  await resetToBefore(system, nameOf(origination, id), 'assess-application');
  const again = await system.untilState(id, 'waiting');
  expect(again.errors.execution).toEqual([]);
  expect(again.timeline.filter((entry) => 'event' in entry)).toEqual([]);
  const listed = async (query: string) => {
    const { items } = (await system.call('GET', `/sagas${query}`)).body;
    return items.filter(({ saga_id }: { saga_id: string }) => saga_id === id);
  };
  await expect.poll(() => listed('?state=waiting'), { timeout: 10_000 }).toHaveLength(1);
  expect(await listed('?state=parked')).toEqual([]);
  expect(await listed('?type=mortgage-origination')).toMatchObject([{ state: 'waiting', ended_at: null }]);

  await system.handle(origination, id).signal('decide', { approved: false, by: 'uma', reason: 'no' });
  expect((await system.untilEnded(id)).state).toBe('completed');
  const seen = await live;
  expect(seen.map(brief).at(-1)).toBe('end');
  expect(
    timelineOf(seen.filter(({ data }) => data.event !== 'alert' && data.event !== 'ignored-signal')),
  ).toEqual((await system.get(id)).timeline);
  // A client that had seen the last event of the stand-in misses nothing of the run after the reset.
  const rest = await readEvents(system, id, { after });
  expect(rest.map(brief)).toEqual(
    expect.arrayContaining(['do assess-application done', 'decision', 'completed']),
  );
  const ofTheRun = seqsOf(await readEvents(system, id)).filter((seq) => seq > before);
  expect(seqsOf(rest)).toEqual(ofTheRun);

  const unwinder = unwinderOf(system, id);
  await unwinder.signal('resolve', byOlga);
  await expect(unwinder.result()).rejects.toMatchObject({ cause: { type: 'SagaFailed' } });
  expect((await system.get(id)).state).toBe('completed');
  expect(await system.sql.mortgage`select status from application where saga_id = ${id}`).toEqual([
    { status: 'rejected' },
  ]);
});

test('a saga that runs again after a reset is not undone by its unwinder, and holds its customer also once that is resolved', async () => {
  const id = await waitingSaga(system);
  const [claim] = await system.sql.customer`select customer_id from customer_claim where claimed_by = ${id}`;
  const path = `/customers/${claim?.['customer_id']}`;
  await system.handle(origination, id).terminate('by hand');
  await untilUnwinder(system, id);
  await resetToBefore(system, nameOf(origination, id), 'assess-application');
  await system.untilState(id, 'waiting');
  const unwinder = unwinderOf(system, id);
  expect(await unwinder.executeUpdate('compensate', { args: [byOlga] })).toMatchObject({
    refusal: { why: 'not-possible', detail: expect.stringContaining('the saga is open itself') },
  });
  await unwinder.signal('resolve', byOlga);
  await expect(unwinder.result()).rejects.toMatchObject({ cause: { type: 'SagaFailed' } });
  await untilIndexed(system, `unwind-${id}`, 'Failed');
  expect(await system.call('DELETE', path)).toMatchObject({ status: 409, body: { saga_id: id } });
  await system.handle(origination, id).signal('decide', { approved: false, by: 'uma', reason: 'no' });
  expect((await system.untilEnded(id)).state).toBe('completed');
  expect((await system.app.request(path, { method: 'DELETE' })).status).toBe(204);
});

test('terminated a second time, its unwinder counts again', async () => {
  const id = await waitingSaga(system);
  const workflowId = nameOf(origination, id);
  await system.handle(origination, id).terminate('first');
  await untilUnwinder(system, id);
  await unwinderOf(system, id).signal('compensate', byOlga);
  expect((await system.untilEnded(id)).state).toBe('compensated');
  await system.rest('sagas');
  await resetToBefore(system, workflowId, 'assess-application');
  expect((await system.get(id)).state).toBe('running');
  await system.handle(origination, id).terminate('second');
  expect(await system.get(id)).toMatchObject({
    state: 'parked',
    errors: { execution: [{ type: 'terminated', message: 'second' }] },
  });
  // The stand-in of the first termination has ended, and the next one has not started.
  expect((await system.call('POST', `/sagas/${id}/compensate`, { reason: 'too early' })).status).toBe(503);
  await system.work('sagas');
  await untilUnwinder(system, id);
  await unwinderOf(system, id).signal('compensate', byOlga);
  expect((await system.untilEnded(id)).state).toBe('compensated');
});

test('a step that was in progress when its run was reset is in progress in the new run', async () => {
  await system.rest('loan');
  const id = await system.start('rehearsal', {});
  const live = readEvents(system, id);
  const steps = async () => stepsOf(await system.get(id));
  await expect.poll(steps, { timeout: 10_000 }).toContain('do visit-loan running');
  const handle = system.handle('rehearsal', id);
  await handle.signal('noise');
  const events = async () => (await system.get(id)).timeline.filter((entry) => 'event' in entry);
  await expect.poll(events, { timeout: 10_000 }).toHaveLength(1);
  const { client } = system.temporal;
  const history = await handle.fetchHistory();
  const task = history.events?.findLast((event) => event.workflowTaskCompletedEventAttributes);
  const runId = await resetAt(client, { workflowId: nameOf('rehearsal', id) }, task);
  await expect.poll(async () => (await handle.describe()).runId).toBe(runId);
  expect(await steps()).toContain('do visit-loan running');
  await system.work('loan');
  expect((await system.untilEnded(id)).state).toBe('completed');
  await expectOneTimeline(id, live);
});

/** Of a saga whose steps were undone: it may not build on them, and nothing is paid out. */
async function expectUnwound(id: string, step: string) {
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution.at(-1)).toMatchObject({
    type: 'fenced',
    message: expect.stringContaining(step),
  });
  expect(await rowsOf(system, id)).toEqual({ ...nothing, applications: ['withdrawn'] });
}

test('a saga that was unwound after it had been terminated, and is reset, does not go on from what was undone', async () => {
  const id = await waitingSaga(system);
  await system.handle(origination, id).terminate('by mistake');
  await untilUnwinder(system, id);
  await unwinderOf(system, id).signal('compensate', byOlga);
  expect((await system.untilEnded(id)).state).toBe('compensated');
  await resetToBefore(system, nameOf(origination, id), 'assess-application');
  await system.untilState(id, 'running', 'compensating', 'compensated');
  await expectUnwound(id, 'register-customer was undone before the reset');
});

test('a saga that was compensated, and is reset, does not go on from what was undone', async () => {
  system.config.failpoints.push({ step: 'book-loan', op: 'do', at: 'before', do: 'refuse' });
  const id = await originate(system);
  expect((await system.untilEnded(id)).state).toBe('compensated');
  system.config.failpoints.length = 0;
  const { runId } = await system.handle(origination, id).describe();
  await resetToBefore(system, nameOf(origination, id), 'book-loan');
  await expect.poll(async () => (await system.handle(origination, id).describe()).runId).not.toBe(runId);
  await expectUnwound(id, 'register-customer was undone before the reset');
});
