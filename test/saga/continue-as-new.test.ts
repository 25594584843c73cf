import { afterAll, beforeAll, type ExpectStatic, test } from 'vitest';
import { alertAfterKey } from '../../src/saga/state.ts';
import { startProbes } from '../support/probes.ts';
import { continuesAfter } from '../support/server-settings.ts';
import type { Part } from '../support/workflows/probe.ts';

let probes: Awaited<ReturnType<typeof startProbes>>;
beforeAll(async () => {
  probes = await startProbes({ serverArgs: continuesAfter(20) });
});
afterAll(() => probes.end());

const red = (label: string): Part => ({ step: 'red', label });
const blue = (label: string): Part => ({ step: 'blue', label });
const letters = [...'abcdefg'];
const order = { by: 'olga', reason: 'seen to' };
const undone = (labels: string[]) => labels.toReversed().map((label) => `-${label}`);

const newestRun = (id: string) => probes.system.temporal.client.workflow.getHandle(`probe-${id}`);

/** More than fit in one run. */
async function makeNoise(id: string) {
  for (let n = 0; n < 30; n++) await newestRun(id).signal('noise');
}

/** Signals until the saga has ended, so that one run follows another until then. */
async function untilEndedAmidNoise(expect: ExpectStatic, id: string) {
  const handle = newestRun(id);
  const state = async () => {
    // Of one that has ended Temporal takes no more.
    await handle.signal('noise').catch(() => {});
    return (await probes.read(id)).state;
  };
  await expect.poll(state, { interval: 20, timeout: 30_000 }).toBeOneOf(['compensated', 'completed']);
  return probes.read(id);
}

const expectSeveralRuns = (expect: ExpectStatic, id: string) =>
  expect.poll(() => probes.runs(id), { timeout: 10_000 }).toBeGreaterThan(1);

test.concurrent('a long saga goes over several runs, does each step once, and its timeline has them all', async ({
  expect,
}) => {
  const { id, handle } = await probes.start(letters.map(red));
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('completed');
  expect(await handle.result()).toEqual(letters);
  expect(await probes.marks(id)).toEqual(letters);
  expect(saga.timeline).toHaveLength(letters.length);
  await expectSeveralRuns(expect, id);
});

test.concurrent('what earlier runs have done is undone by the last one', async ({ expect }) => {
  const { id } = await probes.start([...letters.map(red), red('z')], { z: 'refuse' });
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(await probes.marks(id)).toEqual([...letters, ...undone(letters)]);
  await expectSeveralRuns(expect, id);
});

test.concurrent('a block of branches is not run again, and repeated steps keep their numbers', async ({
  expect,
}) => {
  const block: Part = { branches: [[red('a'), red('b')], [red('c')]], independent: true };
  const { id, handle } = await probes.start([block, ...letters.slice(3).map(red), red('z')], { z: 'refuse' });
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'SagaCompensated' } });
  const marks = await probes.marks(id);
  expect(new Set(marks).size).toBe(marks.length);
  expect(marks).toHaveLength(2 * letters.length);
  await expectSeveralRuns(expect, id);
});

test.concurrent('signals that are ignored do not fill the history of a saga that waits, and the decision still counts', async ({
  expect,
}) => {
  const { id } = await probes.start([red('a'), { decide: 'PT1H' }, red('b')]);
  await probes.untilState(id, 'waiting');
  await makeNoise(id);
  await expectSeveralRuns(expect, id);
  await probes.untilState(id, 'waiting');
  const current = newestRun(id);
  await current.signal('decide', { approved: true, ...order });
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['a', 'b']);
});

// The number of steps moves the place in the history where Temporal begins to suggest it.
test.concurrent.for([1, 2, 3])(
  'an update that is refused, which leaves no trace, does not end a run: its history replays (steps: %i)',
  async (steps, { expect }) => {
    const { id, handle } = await probes.start([...letters.slice(0, steps).map(red), { decide: 'PT1H' }]);
    await probes.untilState(id, 'waiting');
    const { runId } = await handle.describe();
    const runs = async () => {
      const refused = newestRun(id).executeUpdate('decide', { args: [{ approved: 'perhaps' }] });
      await expect(refused).rejects.toMatchObject({ cause: { type: 'malformed' } });
      await newestRun(id).signal('noise');
      return probes.runs(id);
    };
    await expect.poll(runs, { interval: 20, timeout: 20_000 }).toBeGreaterThan(1);
    await probes.replay(id, { runId });
  },
);

test.concurrent('what a client sends again, without effect, does not fill the history either', async ({
  expect,
}) => {
  const { id, handle } = await probes.start([red('a'), { decide: 'PT1H' }, blue('b')], { b: 'refuse' });
  await probes.untilState(id, 'waiting');
  const decision = { id: 'once', approved: true, ...order };
  await handle.executeUpdate('decide', { args: [decision] });
  await probes.untilState(id, 'parked');
  const retry = { id: 'once', ...order };
  await handle.executeUpdate('retry', { args: [retry] });
  await probes.untilState(id, 'parked');
  for (const [update, candidate] of Object.entries({ decide: decision, retry })) {
    const runs = async () => {
      await newestRun(id).executeUpdate(update, { args: [candidate] });
      return probes.runs(id);
    };
    const before = await runs();
    // The first of them may have begun before.
    await expect.poll(runs, { interval: 20, timeout: 20_000 }).toBeGreaterThan(before + 1);
  }
});

test.concurrent('a wait for a decision ends when it was to end, however many runs it goes over', async ({
  expect,
}) => {
  const { id } = await probes.start([red('a'), { decide: 'PT8S' }]);
  await probes.untilState(id, 'waiting');
  const saga = await untilEndedAmidNoise(expect, id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([{ type: 'timed-out' }]);
  await expectSeveralRuns(expect, id);
});

test.concurrent('a parked step stays parked, with its order ids, and goes on with the correction', async ({
  expect,
}) => {
  const { id, handle } = await probes.start([red('a'), blue('b'), red('c')], { b: 'refuse' });
  await probes.untilState(id, 'parked');
  await handle.signal('retry', { id: 'first', ...order });
  // A retry that is still on its way would refuse the correction.
  await expect
    .poll(() => probes.read(id), { timeout: 20_000 })
    .toMatchObject({
      state: 'parked',
      timeline: expect.arrayContaining([expect.objectContaining({ event: 'operator' })]),
    });
  await makeNoise(id);
  await expectSeveralRuns(expect, id);
  const current = newestRun(id);
  await probes.untilState(id, 'parked');
  await current.signal('retry', { id: 'first', ...order });
  await current.signal('correct', { ...order, input: { label: 'better' } });
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['a', 'better', 'c']);
  const events = saga.timeline.flatMap((entry) => ('event' in entry ? [entry.event] : []));
  expect(events.filter((event) => event === 'operator')).toHaveLength(2);
  expect(events.filter((event) => event === 'alert')).toHaveLength(1);
});

test.concurrent('a parked compensation stays parked while the rest is undone', async ({ expect }) => {
  const { id } = await probes.start([...letters.map(red), red('z')], { z: 'refuse', f: 'undo-fails' });
  await probes.untilState(id, 'parked');
  await expect.poll(() => probes.marks(id), { timeout: 20_000 }).toContain('-a');
  const handle = newestRun(id);
  await makeNoise(id);
  probes.heal(id);
  await handle.signal('retry', order);
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  const marks = await probes.marks(id);
  expect(new Set(marks).size).toBe(2 * letters.length);
  expect(marks).toHaveLength(2 * letters.length);
  await expectSeveralRuns(expect, id);
});

test.concurrent('a cancel is honoured in whichever run it comes; unwound in a later one, the saga is cancelled all the same', async ({
  expect,
}) => {
  const { id, handle } = await probes.start([...letters.map(red), blue('z')], { z: 'refuse' });
  await probes.untilState(id, 'parked');
  await newestRun(id).cancel();
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('cancelled');
  expect(await probes.marks(id)).toEqual([...letters, ...undone(letters)]);
  await expectSeveralRuns(expect, id);
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'SagaCancelled' } });
  expect((await newestRun(id).describe()).status.name).toBe('FAILED');
});

test.concurrent('the deadline counts from the start of the first run', async ({ expect }) => {
  const { id } = await probes.start([red('a'), { decide: 'PT1H' }], {}, { deadline: 'PT8S' });
  await probes.untilState(id, 'waiting');
  const saga = await untilEndedAmidNoise(expect, id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([{ type: 'deadline' }]);
  await expectSeveralRuns(expect, id);
});

test.concurrent('an unwinding that takes too long alerts once, however many runs it goes over', async ({
  expect,
}) => {
  const plan = [red('a'), { fail: 'no' }];
  const { id } = await probes.start(plan, { a: 'undo-fails' }, {}, { memo: { [alertAfterKey]: 'PT6S' } });
  await probes.untilState(id, 'parked');
  const late = async () =>
    (await probes.read(id)).timeline.filter(
      (entry) =>
        'event' in entry && entry.event === 'alert' && entry.error === 'unwinding for longer than PT6S',
    ).length;
  const lateAmidNoise = () => newestRun(id).signal('noise').then(late);
  await expect.poll(lateAmidNoise, { interval: 20, timeout: 20_000 }).toBe(1);
  probes.heal(id);
  await makeNoise(id);
  await newestRun(id).signal('retry', order);
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  expect(await late()).toBe(1);
  await expectSeveralRuns(expect, id);
});

test.concurrent('a deadline that has passed behind the pivot is recorded once, however many runs follow', async ({
  expect,
}) => {
  const plan = [red('a'), { pivot: 'p' }, blue('b')];
  const { id } = await probes.start(plan, { b: 'refuse' }, { deadline: 'PT6S' });
  await probes.untilState(id, 'parked');
  const deadlines = async () =>
    (await probes.read(id)).timeline.filter((entry) => 'event' in entry && entry.event === 'deadline').length;
  await expect.poll(deadlines, { timeout: 20_000 }).toBe(1);
  const before = await probes.runs(id);
  await makeNoise(id);
  await expect.poll(() => probes.runs(id), { timeout: 10_000 }).toBeGreaterThan(before);
  probes.heal(id);
  await newestRun(id).signal('retry', order);
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await deadlines()).toBe(1);
  expect(await probes.marks(id)).toEqual(['a', 'p', 'b']);
});

test.concurrent('what is parked waits for its order also where it would be undone in one go in a later run', async ({
  expect,
}) => {
  const plan = [red('a'), blue('b'), { fail: 'no' }];
  const { id } = await probes.start(plan, { b: 'undo-fails' }, {}, { placed: true });
  await probes.untilState(id, 'parked');
  await expect.poll(() => probes.marks(id)).toContain('-a');
  probes.heal(id);
  await makeNoise(id);
  await expectSeveralRuns(expect, id);
  // The query is answered behind the first task of the newest run.
  expect(await newestRun(id).query('saga')).toMatchObject({
    state: 'parked',
    parked: [{ step: 'blue', op: 'undo' }],
  });
  expect(await probes.marks(id)).toEqual(['a', 'b', '-a']);
  await newestRun(id).signal('retry', order);
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  expect(await probes.marks(id)).toEqual(['a', 'b', '-a', '-b']);
});
