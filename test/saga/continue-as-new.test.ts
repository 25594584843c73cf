import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProbes } from '../support/probes.ts';
import type { Part } from '../support/workflows/probe.ts';

const suggested = 'limit.historyCount.suggestContinueAsNew=30';

let probes: Awaited<ReturnType<typeof startProbes>>;
beforeAll(async () => {
  probes = await startProbes({ serverArgs: ['--dynamic-config-value', suggested] });
});
afterAll(() => probes.end());

const red = (label: string): Part => ({ step: 'red', label });
const blue = (label: string): Part => ({ step: 'blue', label });
const letters = [...'abcdefghijkl'];
const order = { by: 'olga', reason: 'seen to' };
const undone = (labels: string[]) => labels.toReversed().map((label) => `-${label}`);

/** Signals until the saga has ended, so that one run follows another until then. */
async function untilEndedAmidNoise(id: string) {
  const handle = probes.system.temporal.client.workflow.getHandle(`probe-${id}`);
  const state = async () => {
    // Of one that has ended Temporal takes no more.
    await handle.signal('noise').catch(() => {});
    return (await probes.read(id)).state;
  };
  await expect.poll(state, { interval: 100, timeout: 30_000 }).toBeOneOf(['compensated', 'completed']);
  return probes.read(id);
}

const expectSeveralRuns = (id: string) =>
  expect.poll(() => probes.runs(id), { timeout: 10_000 }).toBeGreaterThan(1);

test('a long saga goes over several runs, does each step once, and its timeline has them all', async () => {
  const { id, handle } = await probes.start(letters.map(red));
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('completed');
  expect(await handle.result()).toEqual(letters);
  expect(await probes.marks(id)).toEqual(letters);
  expect(saga.timeline).toHaveLength(letters.length);
  await expectSeveralRuns(id);
});

test('what earlier runs have done is undone by the last one', async () => {
  const { id } = await probes.start([...letters.map(red), red('z')], { z: 'refuse' });
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(await probes.marks(id)).toEqual([...letters, ...undone(letters)]);
  await expectSeveralRuns(id);
});

test('a block of branches is not run again, and repeated steps keep their numbers', async () => {
  const block: Part = { branches: [[red('a'), red('b')], [red('c')]], independent: true };
  const { id, handle } = await probes.start([block, ...letters.slice(3).map(red), red('z')], { z: 'refuse' });
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'SagaCompensated' } });
  const marks = await probes.marks(id);
  expect(new Set(marks).size).toBe(marks.length);
  expect(marks).toHaveLength(2 * letters.length);
  await expectSeveralRuns(id);
});

test('signals that are ignored do not fill the history of a saga that waits, and the decision still counts', async () => {
  const { id, handle } = await probes.start([red('a'), { decide: 'PT1H' }, red('b')]);
  await probes.untilState(id, 'waiting');
  for (let n = 0; n < 40; n++) await handle.signal('noise');
  await expectSeveralRuns(id);
  await probes.untilState(id, 'waiting');
  const current = probes.system.temporal.client.workflow.getHandle(`probe-${id}`);
  await current.signal('decide', { approved: true, ...order });
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['a', 'b']);
});

test('a wait for a decision ends when it was to end, however many runs it goes over', async () => {
  const { id } = await probes.start([red('a'), { decide: 'PT8S' }]);
  await probes.untilState(id, 'waiting');
  const saga = await untilEndedAmidNoise(id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([{ type: 'timed-out' }]);
  await expectSeveralRuns(id);
});

test('a parked step stays parked, with its order ids, and goes on with the correction', async () => {
  const { id, handle } = await probes.start([red('a'), blue('b'), red('c')], { b: 'refuse' });
  await probes.untilState(id, 'parked');
  await handle.signal('retry', { id: 'first', ...order });
  for (let n = 0; n < 40; n++) await handle.signal('noise');
  await expectSeveralRuns(id);
  const current = probes.system.temporal.client.workflow.getHandle(`probe-${id}`);
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

test('a parked compensation stays parked while the rest is undone', async () => {
  const { id } = await probes.start([...letters.map(red), red('z')], { z: 'refuse', f: 'undo-fails' });
  await probes.untilState(id, 'parked');
  await expect.poll(() => probes.marks(id), { timeout: 20_000 }).toContain('-a');
  const handle = probes.system.temporal.client.workflow.getHandle(`probe-${id}`);
  for (let n = 0; n < 40; n++) await handle.signal('noise');
  probes.heal(id);
  await handle.signal('retry', order);
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  const marks = await probes.marks(id);
  expect(new Set(marks).size).toBe(2 * letters.length);
  expect(marks).toHaveLength(2 * letters.length);
});

test('a cancel is honoured in whichever run it comes; unwound in a later one, the saga is cancelled all the same', async () => {
  const { id, handle } = await probes.start([...letters.map(red), blue('z')], { z: 'refuse' });
  await probes.untilState(id, 'parked');
  await probes.system.temporal.client.workflow.getHandle(`probe-${id}`).cancel();
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('cancelled');
  expect(await probes.marks(id)).toEqual([...letters, ...undone(letters)]);
  await expect(handle.result()).rejects.toBeDefined();
});

test('the deadline counts from the start of the first run', async () => {
  const { id } = await probes.start([red('a'), { decide: 'PT1H' }], {}, { deadline: 'PT8S' });
  await probes.untilState(id, 'waiting');
  const saga = await untilEndedAmidNoise(id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([{ type: 'deadline' }]);
  await expectSeveralRuns(id);
});

test('what is parked waits for its order also where it would be undone in one go in a later run', async () => {
  const serverArgs = ['--dynamic-config-value', suggested];
  const placed = await startProbes({ serverArgs, placed: 'here' });
  const { id, handle } = await placed.start([red('a'), blue('b'), { fail: 'no' }], { b: 'undo-fails' });
  await placed.untilState(id, 'parked');
  await expect.poll(() => placed.marks(id)).toContain('-a');
  placed.heal(id);
  for (let n = 0; n < 40; n++) await handle.signal('noise');
  await expect.poll(() => placed.runs(id), { timeout: 10_000 }).toBeGreaterThan(1);
  const current = placed.system.temporal.client.workflow.getHandle(`probe-${id}`);
  // Answered behind the first task of the newest run.
  expect(await current.query('saga')).toMatchObject({
    state: 'parked',
    parked: [{ step: 'blue', op: 'undo' }],
  });
  expect(await placed.marks(id)).toEqual(['a', 'b', '-a']);
  await current.signal('retry', order);
  expect((await placed.untilEnded(id)).state).toBe('compensated');
  expect(await placed.marks(id)).toEqual(['a', 'b', '-a', '-b']);
  await placed.end();
});
