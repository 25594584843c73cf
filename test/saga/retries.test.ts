import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProbes } from '../support/probes.ts';
import type { Part } from '../support/workflows/probe.ts';

let probes: Awaited<ReturnType<typeof startProbes>>;
beforeAll(async () => {
  probes = await startProbes();
});
afterAll(() => probes.end());

test('a step is tried as often as its policy says, and a compensation as often as its own', async () => {
  const plan: Part[] = [
    { step: 'red', label: 'a' },
    { step: 'green', label: 'b' },
  ];
  const { id } = await probes.start(plan, { a: 'undo-fails', b: 'fails' });
  const { errors } = await probes.untilState(id, 'parked');
  expect(errors).toMatchObject({
    execution: [{ step: 'green', op: 'do', type: 'failed', attempts: 2 }],
    compensation: [{ step: 'red', op: 'undo', type: 'failed', attempts: 3 }],
  });
});
