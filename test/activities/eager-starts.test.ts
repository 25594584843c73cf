import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { eagerStarts } from '../../src/activities/eager-starts.ts';
import { emptyInlineRun, type InlineCall, type InlineRun } from '../../src/saga/inline/inline-run.ts';

const saga = { type: 'probe', sagaId: crypto.randomUUID(), input: { plan: [] }, placement: ['probe'] };
const firstCall: InlineCall = {
  saga_id: saga.sagaId,
  type: 'probe',
  input: { plan: [] },
  journal: [],
  counts: {},
  position: 0,
  placement: ['probe'],
  deadline: null,
  again: false,
};

/** Head starts of a worker whose stretches answer how many were run before them, and what they were called with. */
function start(fails = false) {
  const calls: InlineCall[] = [];
  const starts = eagerStarts({
    async stretch(call) {
      calls.push(call);
      if (fails) throw new Error('unknown');
      return { ...emptyInlineRun(), ended: { result: calls.length } };
    },
    undoStretch: async () => emptyInlineRun(),
  });
  const task = (call: InlineCall = firstCall, isLocal = true): Promise<InlineRun> =>
    new MockActivityEnvironment({ isLocal }).run(starts.activities.stretch, call);
  return { ...starts, calls, task };
}

test('a saga that is begun is run at once, with the call that its workflow will make', () => {
  const { begin, calls } = start();
  begin(saga);
  expect(calls).toEqual([firstCall]);
});

test('its first task gets what came of it, and runs nothing', async () => {
  const { begin, calls, task } = start();
  begin(saga);
  expect((await task()).ended).toEqual({ result: 1 });
  expect(calls).toHaveLength(1);
});

test('a task that came before its head start has run it: nothing begins any more', async () => {
  const { begin, calls, task } = start();
  expect((await task()).ended).toEqual({ result: 1 });
  begin(saga);
  expect(calls).toHaveLength(1);
});

test('what was begun is not begun again', () => {
  const { begin, calls } = start();
  begin(saga);
  begin(saga);
  expect(calls).toHaveLength(1);
});

test('what nobody calls for is forgotten', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { begin, task } = start();
  begin(saga);
  vi.advanceTimersByTime(20_000);
  expect((await task()).ended).toEqual({ result: 2 });
});

test('it is got once: a saga that was reset goes its own way', async () => {
  const { begin, task } = start();
  begin(saga);
  await task();
  expect((await task()).ended).toEqual({ result: 2 });
});

test('a first task that is tried again does not get it, nor does any task after that', async () => {
  const { begin, calls, task } = start();
  begin(saga);
  await task({ ...firstCall, again: true });
  await task();
  expect(calls.map(({ again }) => again)).toEqual([false, true, false]);
});

test('a stretch that is recorded before it begins does not get it', async () => {
  const { begin, calls, task } = start();
  begin(saga);
  expect((await task(firstCall, false)).ended).toEqual({ result: 2 });
  expect(calls).toHaveLength(2);
});

test('another saga does not get it', async () => {
  const { begin, task } = start();
  begin(saga);
  expect((await task({ ...firstCall, saga_id: crypto.randomUUID() })).ended).toEqual({ result: 2 });
});

test('a saga that is not begun runs when its first task calls', async () => {
  const { task } = start();
  expect((await task()).ended).toEqual({ result: 1 });
});

test('a saga with a deadline is not begun: whether that has passed its workflow knows', () => {
  const { begin, calls } = start();
  begin({ ...saga, input: { plan: [], deadline: 'PT1S' } });
  expect(calls).toEqual([]);
});

test('its failure is told to its first task, and to nobody else', async () => {
  const { begin, settled, task } = start(true);
  begin(saga);
  await settled();
  await expect(task()).rejects.toThrow('unknown');
});

test('who closes the databases waits until none is under way', async () => {
  let ended = false;
  const { begin, settled } = eagerStarts({
    async stretch() {
      await new Promise((resolve) => setImmediate(resolve));
      ended = true;
      return emptyInlineRun();
    },
    undoStretch: async () => emptyInlineRun(),
  });
  begin(saga);
  await settled();
  expect(ended).toBe(true);
});
