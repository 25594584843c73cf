import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sagaTypeKey } from '../../src/saga/state.ts';
import { startProbes } from '../support/probes.ts';
import { resetAt } from '../support/reset.ts';
import { stepsOf } from '../support/system.ts';
import type { Part } from '../support/workflows/probe.ts';

let probes: Awaited<ReturnType<typeof startProbes>>;
beforeAll(async () => {
  probes = await startProbes({ placed: 'here' });
});
afterAll(() => probes.end());

const red = (label: string): Part => ({ step: 'red', label });
const green = (label: string): Part => ({ step: 'green', label });
const blue = (label: string): Part => ({ step: 'blue', label });

const historyOf = (id: string) =>
  probes.system.temporal.client.workflow.getHandle(`probe-${id}`).fetchHistory();

async function eventsOf(id: string) {
  const { events } = await historyOf(id);
  return (events ?? []).map(({ eventType }) => eventType);
}

/** How often a stretch was recorded before it began. */
async function recordedStretches(id: string) {
  const { events } = await historyOf(id);
  const types = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
  return types.filter((type) => type === 'stretch').length;
}

const untilMarked = (id: string, label: string) =>
  expect.poll(() => probes.marks(id), { interval: 20, timeout: 10_000 }).toContain(label);

const late = [red('a'), { pivot: 'b' }, green('c')];
/** Long enough for a step, and before the inline run's own limit. */
const dueMs = 2_000;
const deadline = 'PT2S';
const untilDue = async (handle: WorkflowHandle) => {
  const { startTime } = await handle.describe();
  await expect.poll(() => Date.now(), { timeout: 10_000 }).toBeGreaterThan(startTime.getTime() + dueMs);
};

test('all of a saga that is placed is done in its first task, and told in its timeline', async () => {
  const { id, handle } = await probes.start([red('a'), green('b'), blue('c'), { pivot: 'd' }]);
  expect(await handle.result()).toEqual(['a', 'b', 'c']);
  const saga = await probes.untilEnded(id);
  expect(saga).toMatchObject({
    state: 'completed',
    step: 'pivot',
    errors: { execution: [], compensation: [] },
  });
  expect(stepsOf(saga)).toEqual(['do red done', 'do green done', 'do blue done', 'do pivot done']);
  const seqs = saga.timeline.map(({ seq }) => seq);
  expect(new Set(seqs).size).toBe(4);
  expect(await probes.marks(id)).toEqual(['a', 'b', 'c', 'd']);
  // Its type, which a start over HTTP names, the marker of the stretch, and how it ends.
  expect(await eventsOf(id)).toEqual([1, 5, 6, 7, 40, 25, 40, 2]);
});

test('a refusal unwinds it in one go', async () => {
  const { id } = await probes.start([red('a'), green('b'), { pivot: 'c' }], { c: 'refuse' });
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(await probes.marks(id)).toEqual(['a', 'b', '-b', '-a']);
  expect(saga.errors.execution).toMatchObject([{ step: 'pivot', type: 'refused', attempts: 1 }]);
});

test('a first task that is tried again records its stretch before it begins', async () => {
  const { id } = await probes.start([red('a'), green('b')], {}, {}, { signal: 'noise' });
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['a', 'b']);
  expect(await recordedStretches(id)).toBe(1);
});

test('a command to give it up that came before its first task is heard before a step is begun', async () => {
  const signalArgs = [{ by: 'olga', reason: 'a mistake' }];
  const { id } = await probes.start([red('a'), { pivot: 'b' }], {}, {}, { signal: 'compensate', signalArgs });
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  expect(await probes.marks(id)).toEqual([]);
});

test('what was begun of a saga whose input its workflow refuses is undone', async () => {
  const id = crypto.randomUUID();
  await probes.runAhead(id, [red('a'), green('b')]);
  expect(await probes.marks(id)).toEqual(['a', 'b']);
  await probes.start([], {}, { plan: 'none' }, { workflowId: `probe-${id}` });
  expect(await probes.untilEnded(id)).toMatchObject({
    state: 'compensated',
    errors: { execution: [{ type: 'refused' }] },
  });
  expect((await probes.marks(id)).toSorted()).toEqual(['-a', '-b', 'a', 'b']);
});

/** A saga that knows that steps of `done` may have run before it started, and whose step `a` is refused. */
async function doubtful(done: Part[], plan: Part[]) {
  const id = crypto.randomUUID();
  await probes.runAhead(id, done);
  probes.spoil(id, 'a', 'refuse');
  const { handle } = await probes.start(plan, {}, {}, { workflowId: `probe-${id}`, signal: 'noise' });
  await probes.untilState(id, 'parked');
  probes.heal(id);
  return { id, handle };
}
const correction = { by: 'olga', reason: 'mistyped', input: { label: 'b' } };

test('a correction undoes nothing where the pivot has committed without being recorded', async () => {
  const plan: Part[] = [blue('a'), { pivot: 'p' }];
  const { id, handle } = await doubtful(plan, plan);
  await handle.signal('correct', correction);
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('completed');
  expect(saga.timeline).toContainEqual(
    expect.objectContaining({ event: 'ignored-signal', signal: 'correct', why: 'not-carried-out' }),
  );
  expect(await probes.marks(id)).toEqual(['a', 'p']);
});

test('a command to give it up is not answered with compensating where the pivot has committed unrecorded', async () => {
  const plan: Part[] = [blue('a'), { pivot: 'p' }];
  const { id, handle } = await doubtful(plan, plan);
  const olga = { by: 'olga', reason: 'a mistake' };
  expect(await handle.executeUpdate('compensate', { args: [olga] })).toEqual({ state: 'running' });
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['a', 'p']);
});

test('a correction fences a pivot that may be under way, and the saga goes on past it all the same', async () => {
  const { id, handle } = await doubtful([blue('a')], [blue('a'), { pivot: 'p' }]);
  await handle.signal('correct', correction);
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['a', '-a', 'b', 'p']);
});

test('a first task that is kept alive for long is replayed as it went', async () => {
  const typedSearchAttributes = [{ key: sagaTypeKey, value: 'probe' }];
  const options = { workflowTaskTimeout: '5s', typedSearchAttributes } as const;
  const { id } = await probes.start([red('a'), green('b')], { a: 'hang-once' }, {}, options);
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['a', 'b']);
  const { events } = await historyOf(id);
  // Its worker asked for another task before it had anything to tell.
  const [, , , completed, scheduled] = events ?? [];
  expect(completed?.workflowTaskCompletedEventAttributes).toBeTruthy();
  expect(scheduled?.workflowTaskScheduledEventAttributes).toBeTruthy();
  await probes.replay(id);
});

test('a cancel that comes while a step gives no answer undoes that step as well', async () => {
  const { id, handle } = await probes.start([red('a'), green('b'), blue('c')], { b: 'hang-once' });
  await untilMarked(id, 'b');
  await handle.cancel();
  expect((await probes.untilEnded(id)).state).toBe('cancelled');
  expect(await probes.marks(id)).toEqual(['a', 'b', '-b', '-a']);
});

test('a cancel that overtakes the end of the task in which all was done undoes all', async () => {
  const { id, handle } = await probes.start([red('a'), green('b')], { b: 'waits' });
  await untilMarked(id, 'b');
  await handle.cancel();
  probes.heal(id);
  expect((await probes.untilEnded(id)).state).toBe('cancelled');
  expect(await probes.marks(id)).toEqual(['a', 'b', '-b', '-a']);
});

test('a cancel that overtakes the end of a stretch that was recorded undoes all of it', async () => {
  const noise = { signal: 'noise' };
  const { id, handle } = await probes.start([red('a'), green('b')], { b: 'waits' }, {}, noise);
  await untilMarked(id, 'b');
  await handle.cancel();
  probes.heal(id);
  expect((await probes.untilEnded(id)).state).toBe('cancelled');
  expect(await probes.marks(id)).toEqual(['a', 'b', '-b', '-a']);
  expect(await recordedStretches(id)).toBe(1);
});

test('a cancel past the pivot changes nothing', async () => {
  const { id, handle } = await probes.start([red('a'), { pivot: 'b' }, green('c')], { c: 'waits' });
  await untilMarked(id, 'c');
  await handle.cancel();
  probes.heal(id);
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['a', 'b', 'c']);
});

test('a deadline that passes while a step runs inline stops the saga before its next step', async () => {
  const { id, handle } = await probes.start(late, { a: 'waits' }, { deadline });
  await untilMarked(id, 'a');
  await untilDue(handle);
  probes.heal(id);
  const saga = await probes.untilEnded(id);
  expect([saga.state, saga.errors.execution.map(({ type }) => type)]).toEqual(['compensated', ['deadline']]);
  expect(saga.timeline.filter((entry) => 'event' in entry && entry.event === 'deadline')).toHaveLength(1);
  expect(await probes.marks(id)).toEqual(['a', '-a']);
});

test('a deadline that passes while the pivot runs inline stops nothing', async () => {
  const { id, handle } = await probes.start(late, { b: 'waits' }, { deadline });
  await untilMarked(id, 'b');
  await untilDue(handle);
  probes.heal(id);
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['a', 'b', 'c']);
});

test('a command to give it up is not answered with compensating while an inline run may commit the pivot', async () => {
  const plan = [red('a'), { decide: 'PT1H' }, green('b'), { pivot: 'c' }];
  const { id, handle } = await probes.start(plan, { b: 'waits' });
  await probes.untilState(id, 'waiting');
  const olga = { by: 'olga', reason: 'a mistake' };
  await handle.signal('decide', { approved: true, ...olga });
  await untilMarked(id, 'b');
  expect(await handle.executeUpdate('compensate', { args: [olga] })).toEqual({ state: 'running' });
  probes.heal(id);
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['a', 'b', 'c']);
});

test('what cannot be undone in one go is tried by itself, and parked', async () => {
  const plan = [red('a'), green('b'), { pivot: 'c' }];
  const { id, handle } = await probes.start(plan, { a: 'undo-fails', c: 'refuse' });
  await probes.untilState(id, 'parked');
  probes.heal(id);
  await handle.signal('retry', { by: 'olga', reason: 'healed' });
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  expect((await probes.marks(id)).toSorted()).toEqual(['-a', '-b', 'a', 'b']);
});

test('a saga that unwinds what nobody told of, and is reset meanwhile, goes on as it began', async () => {
  const plan = [red('a'), green('b'), { pivot: 'c' }];
  const wrong = { a: 'undo-fails', b: 'refuse' } as const;
  const { id } = await probes.start(plan, wrong, {}, { signal: 'noise' });
  await probes.untilState(id, 'parked');
  const { events } = await historyOf(id);
  const types = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityId);
  expect(types).toContain('undo:pivot@1');
  const lastTask = events?.findLast((event) => event.workflowTaskCompletedEventAttributes);
  const { client } = probes.system.temporal;
  await resetAt(client, { workflowId: `probe-${id}` }, lastTask);
  probes.heal(id);
  await client.workflow.getHandle(`probe-${id}`).signal('retry', { by: 'olga', reason: 'healed' });
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  expect(await probes.marks(id)).toEqual(['a', '-a']);
});
