import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProbes } from '../support/probes.ts';
import type { Part } from '../support/workflows/probe.ts';

const plan: Part[] = [{ step: 'red', label: 'a' }, { step: 'green', label: 'b' }, { pivot: 'c' }];

describe.each([
  { placed: 'away', finds: 'has none of its steps' },
  { placed: 'unknown', finds: 'does not know it' },
] as const)('a saga that is placed with a worker that $finds', ({ placed }) => {
  let probes: Awaited<ReturnType<typeof startProbes>>;
  beforeAll(async () => {
    probes = await startProbes({ placed });
  });
  afterAll(() => probes.end());

  test('asks once, and goes on step by step', async () => {
    const { id, handle } = await probes.start(plan);
    expect((await probes.untilEnded(id)).state).toBe('completed');
    expect(await probes.marks(id)).toEqual(['a', 'b', 'c']);
    const { events } = await handle.fetchHistory();
    const types = events?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
    expect(types?.filter(Boolean)).toEqual(['red', 'green', 'pivot']);
  });

  test('is undone step by step', async () => {
    const { id } = await probes.start(plan, { c: 'refuse' });
    expect((await probes.untilEnded(id)).state).toBe('compensated');
    expect(await probes.marks(id)).toEqual(['a', 'b', '-b', '-a']);
  });
});
