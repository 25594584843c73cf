import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProbes } from '../support/probes.ts';
import { stepsOf } from '../support/system.ts';
import type { Part } from '../support/workflows/probe.ts';

let probes: Awaited<ReturnType<typeof startProbes>>;
beforeAll(async () => {
  probes = await startProbes();
});
afterAll(() => probes.end());

const red = (label: string): Part => ({ step: 'red', label });
const green = (label: string): Part => ({ step: 'green', label });
const blue = (label: string): Part => ({ step: 'blue', label });
const block = (...branches: Part[][]): Part => ({ branches, independent: false });
const independent = (...branches: Part[][]): Part => ({ branches, independent: true });

async function run(...[plan, faults]: Parameters<typeof probes.start>) {
  const { id, handle } = await probes.start(plan, faults);
  const saga = await probes.untilEnded(id);
  const marks = await probes.marks(id);
  return {
    saga,
    handle,
    done: marks.filter((m) => !m.startsWith('-')),
    undone: marks.filter((m) => m.startsWith('-')),
  };
}

test('branches run side by side, and their answers come in the order given', async () => {
  const { saga, handle, undone } = await run([
    red('a'),
    block([red('b'), red('c')], [green('d')], []),
    red('e'),
  ]);
  expect(saga.state).toBe('completed');
  expect(await handle.result()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(undone).toEqual([]);
});

test('a step that runs often is numbered by its starts', async () => {
  const { saga } = await run([red('a'), block([red('b')], [red('c')]), red('d')]);
  expect(stepsOf(saga).sort()).toEqual(['do red done', 'do red#2 done', 'do red#3 done', 'do red#4 done']);
});

test('when a branch fails the others settle first, and all is undone in the reverse order of the starts', async () => {
  const { saga, undone } = await run([red('a'), block([red('b')], [green('c')], [blue('d')]), red('e')], {
    c: 'refuse-after-commit',
  });
  expect(saga.state).toBe('compensated');
  expect(undone).toEqual(['-d', '-c', '-b', '-a']);
});

test('independent branches are undone each in its own order, before what came before them', async () => {
  const { saga, undone } = await run(
    [red('a'), independent([red('b1'), red('b2')], [green('c1'), green('c2')]), red('d')],
    { d: 'refuse' },
  );
  expect(saga.state).toBe('compensated');
  expect(undone.filter((mark) => mark.startsWith('-b'))).toEqual(['-b2', '-b1']);
  expect(undone.filter((mark) => mark.startsWith('-c'))).toEqual(['-c2', '-c1']);
  expect(undone.at(-1)).toBe('-a');
  expect(undone).toHaveLength(5);
});

test('independent branches are undone side by side', async () => {
  const plan = [independent([red('b')], [green('c')]), { decide: 'PT1H' }];
  const { id, handle } = await probes.start(plan);
  await probes.untilState(id, 'waiting');
  probes.spoil(id, 'b', 'waits');
  probes.spoil(id, 'c', 'waits');
  await handle.cancel();
  await expect
    .poll(async () => stepsOf(await probes.read(id)))
    .toEqual(expect.arrayContaining(['undo red running', 'undo green running']));
  probes.heal(id);
  expect((await probes.untilEnded(id)).state).toBe('cancelled');
});

test('a branch that still has steps to go stops after the one it is in', async () => {
  const plan = [block([red('a'), red('b')], [green('x')])];
  const { id, handle } = await probes.start(plan, { a: 'waits', x: 'refuse' });
  await expect.poll(async () => stepsOf(await probes.read(id))).toContain('do green refused');
  // Once it has taken this, it has begun whatever it does about the refusal.
  await handle.signal('noise');
  await expect
    .poll(async () => (await probes.read(id)).timeline)
    .toContainEqual(expect.objectContaining({ event: 'ignored-signal' }));
  expect(stepsOf(await probes.read(id)).filter((step) => step.startsWith('undo'))).toEqual([]);
  await expect.poll(() => probes.marks(id)).toEqual(['a']);
  probes.heal(id);
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(stepsOf(saga)).not.toContain('do red#2 done');
  expect(await probes.marks(id)).toEqual(['a', '-a']);
});

test('a branch that fails before its first step lets the others settle, too', async () => {
  const { saga, done, undone } = await run([block([red('a'), red('b')], [{ fail: 'no' }])]);
  expect(saga.state).toBe('compensated');
  expect([done, undone]).toEqual([['a'], ['-a']]);
});

test('what is parked in one branch is let go when another fails for good', async () => {
  const { saga } = await run([block([blue('a')], [red('b1'), red('b2'), green('b3')])], {
    a: 'refuse',
    b3: 'refuse',
  });
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution.map(({ step }) => step).sort()).toEqual(['blue', 'green']);
});

test('two branches may be parked, and are told apart by their steps', async () => {
  const { id, handle } = await probes.start([block([blue('a')], [blue('b')])], { a: 'refuse', b: 'refuse' });
  await expect.poll(() => parkedIn(id), { timeout: 10_000 }).toEqual(['blue', 'blue#2']);
  probes.heal(id);
  const order = { by: 'olga', reason: 'healed' };
  await handle.signal('retry', order);
  await handle.signal('retry', { ...order, step: 'blue#2' });
  await handle.signal('retry', { ...order, step: 'blue' });
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('completed');
  expect(saga.timeline).toContainEqual(
    expect.objectContaining({ event: 'ignored-signal', why: 'several-parked' }),
  );
});

const parkedIn = async (id: string) =>
  (await probes.read(id)).timeline
    .flatMap((entry) => ('status' in entry && entry.status === 'parked' ? [entry.step] : []))
    .sort();

test('blocks may lie in branches', async () => {
  const { saga, undone } = await run(
    [red('a'), independent([block([red('b')], [red('c')]), green('d')], [blue('e')]), red('f')],
    { f: 'refuse' },
  );
  expect(saga.state).toBe('compensated');
  expect(undone.filter((mark) => !['-e'].includes(mark))).toEqual(['-d', '-c', '-b', '-a']);
});

test('a block past the pivot goes forward: what is refused there is parked, and nothing is undone', async () => {
  const plan = [red('a'), { pivot: 'p' }, block([red('b')], [green('c')])];
  const { id, handle } = await probes.start(plan, { b: 'refuse' });
  await expect.poll(() => parkedIn(id)).toEqual(['red#2']);
  probes.heal(id);
  await handle.signal('retry', { by: 'olga', reason: 'healed' });
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect((await probes.marks(id)).toSorted()).toEqual(['a', 'b', 'c', 'p']);
});

test('a cancel while branches run lets them settle', async () => {
  const { id, handle } = await probes.start([block([blue('a')], [red('b')])], { a: 'refuse' });
  await expect.poll(() => parkedIn(id), { timeout: 10_000 }).toEqual(['blue']);
  await handle.cancel();
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('cancelled');
  expect(await probes.marks(id)).toEqual(['b', '-b']);
});
