import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProbes } from '../support/probes.ts';
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

async function eventsOf(id: string) {
  const { events } = await probes.system.temporal.client.workflow.getHandle(`probe-${id}`).fetchHistory();
  return (events ?? []).map(({ eventType }) => eventType);
}

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
