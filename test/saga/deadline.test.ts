import { afterAll, beforeAll, type ExpectStatic, test } from 'vitest';
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
const patience = { timeout: 30_000, interval: 100 };

/** Long enough for the steps before it on a busy machine. */
const deadline = 'PT6S';

const deadlinesOf = async (id: string) =>
  (await probes.read(id)).timeline.filter((entry) => 'event' in entry && entry.event === 'deadline').length;
const untilPassed = (expect: ExpectStatic, id: string) =>
  expect.poll(() => deadlinesOf(id), patience).toBe(1);

test.concurrent('a deadline that passes behind the pivot is recorded and changes nothing', async ({
  expect,
}) => {
  const plan = [red('a'), { pivot: 'p' }, green('b')];
  const { id, handle } = await probes.start(plan, { b: 'waits' }, { deadline });
  await expect.poll(() => probes.marks(id), patience).toEqual(['a', 'p', 'b']);
  expect(await deadlinesOf(id)).toBe(0);
  await untilPassed(expect, id);
  probes.heal(id);
  expect(await handle.result()).toEqual(['a', 'b']);
  const saga = await probes.read(id);
  expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
  expect(await deadlinesOf(id)).toBe(1);
  expect(await probes.marks(id)).toEqual(['a', 'p', 'b']);
});

test.concurrent('a deadline that passes while the saga unwinds is recorded and changes nothing', async ({
  expect,
}) => {
  const plan = [red('a'), { fail: 'no' }];
  const { id, handle } = await probes.start(plan, { a: 'undo-fails' }, { deadline });
  await probes.untilState(id, 'parked');
  await untilPassed(expect, id);
  expect((await probes.read(id)).state).toBe('parked');
  probes.heal(id);
  await handle.signal('retry', { by: 'olga', reason: 'seen to' });
  const saga = await probes.untilEnded(id);
  expect(saga).toMatchObject({ state: 'compensated', errors: { execution: [{ message: 'no' }] } });
  expect(saga.errors.execution).toHaveLength(1);
  expect(await probes.marks(id)).toEqual(['a', '-a']);
});

test.concurrent('a deadline that passes while a step runs lets it settle, and then undoes it', async ({
  expect,
}) => {
  const plan = [red('a'), green('b'), { pivot: 'p' }];
  const { id } = await probes.start(plan, { b: 'waits' }, { deadline });
  await expect.poll(() => probes.marks(id), patience).toEqual(['a', 'b']);
  await untilPassed(expect, id);
  expect(await probes.marks(id)).toEqual(['a', 'b']);
  probes.heal(id);
  const saga = await probes.untilEnded(id);
  expect(saga).toMatchObject({ state: 'compensated', errors: { execution: [{ type: 'deadline' }] } });
  expect(stepsOf(saga)).toEqual(['do red done', 'do green done', 'undo green done', 'undo red done']);
  expect(await probes.marks(id)).toEqual(['a', 'b', '-b', '-a']);
});
