import { WorkflowNotFoundError } from '@temporalio/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fault, startProbes } from '../support/probes.ts';
import { continuesAfter } from '../support/server-settings.ts';
import type { Part } from '../support/workflows/probe.ts';

type Probes = Awaited<ReturnType<typeof startProbes>>;
interface Case {
  plan: Part[];
  faults: Record<string, Fault>;
}

const colour = fc.constantFrom('red' as const, 'green' as const);
const step: fc.Arbitrary<Part> = colour.map((name) => ({ step: name, label: '' }));
const { part } = fc.letrec<{ part: Part }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small', maxDepth: 2 },
    step,
    fc.record({
      branches: fc.array(fc.array(tie('part'), { maxLength: 2 }), { minLength: 1, maxLength: 3 }),
      independent: fc.boolean(),
    }),
  ),
}));

/** Random sagas: up to five parts in a row, perhaps with a pivot among them, and up to three faults. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    before: fc.array(part, { minLength: 1, maxLength: 3 }),
    after: fc.option(fc.array(part, { maxLength: 2 }), { nil: undefined }),
    faults: fc.array(
      fc.record({
        at: fc.nat(),
        fault: fc.constantFrom<Fault>(
          'refuse',
          'refuse-after-commit',
          'error-once',
          'undo-once',
          'undo-fails',
        ),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ before, after, faults }) => {
    let labels = 0;
    const labelled = (each: Part): Part => {
      if ('branches' in each)
        return { ...each, branches: each.branches.map((branch) => branch.map(labelled)) };
      labels += 1;
      return 'step' in each ? { ...each, label: `${labels}` } : { pivot: `${labels}` };
    };
    const whole: Part[] = after === undefined ? before : [...before, { pivot: '' }, ...after];
    const plan = whole.map(labelled);
    const given = faults.flatMap(({ at, fault }) => (labels ? [[`${(at % labels) + 1}`, fault]] : []));
    return { plan, faults: Object.fromEntries(given) };
  });

const labelsOf = (parts: Part[]): string[] =>
  parts.flatMap((each) => {
    if ('branches' in each) return each.branches.flatMap(labelsOf);
    if ('step' in each) return [each.label];
    return 'pivot' in each ? [each.pivot] : [];
  });

/** Pairs of labels in different branches of a block whose branches are undone side by side. */
function unordered(parts: Part[]): Set<string> {
  const pairs = new Set<string>();
  for (const each of parts) {
    if (!('branches' in each)) continue;
    for (const branch of each.branches) for (const pair of unordered(branch)) pairs.add(pair);
    if (!each.independent) continue;
    const groups = each.branches.map(labelsOf);
    for (const one of groups)
      for (const other of groups)
        if (one !== other) for (const x of one) for (const y of other) pairs.add(`${x} ${y}`);
  }
  return pairs;
}

function expectedState({ plan, faults }: Case): 'completed' | 'compensated' {
  const pivot = plan.findIndex((each) => 'pivot' in each);
  const reversible = labelsOf(pivot < 0 ? plan : plan.slice(0, pivot));
  const fails = reversible.some((label) => faults[label]?.startsWith('refuse'));
  const [pivotLabel = ''] = labelsOf(plan.slice(pivot, pivot + 1));
  return fails || (pivot >= 0 && faults[pivotLabel] === 'refuse') ? 'compensated' : 'completed';
}

/** Heals what is parked and retries it, until the saga has ended. */
async function drive(probes: Probes, id: string) {
  for (;;) {
    const saga = await probes.untilState(id, 'parked', 'completed', 'compensated', 'cancelled', 'failed');
    if (saga.state !== 'parked') return saga;
    probes.heal(id);
    const handle = probes.system.temporal.client.workflow.getHandle(`probe-${id}`);
    for (const entry of saga.timeline)
      if ('status' in entry && entry.status === 'parked')
        await handle.signal('retry', { by: 'olga', reason: 'healed', step: entry.step }).catch(unlessEnded);
  }
}

/** It may have ended between the look and the signal. */
function unlessEnded(error: unknown) {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

async function check(probes: Probes, random: Case) {
  const { id } = await probes.start(random.plan, random.faults);
  const saga = await drive(probes, id);
  expect(saga.state).toBe(expectedState(random));
  const marks = await probes.marks(id);
  const undone = marks.flatMap((mark) => (mark.startsWith('-') ? [mark.slice(1)] : []));
  const done = marks.filter((mark) => !mark.startsWith('-'));
  expect(new Set(done).size).toBe(done.length);
  if (saga.state === 'completed') {
    expect(done.toSorted()).toEqual(labelsOf(random.plan).toSorted());
    expect(undone).toEqual([]);
    return;
  }
  expect(undone.toSorted()).toEqual(done.toSorted());
  const inOrder = undone.filter((label) => random.faults[label] !== 'undo-fails');
  const free = unordered(random.plan);
  const positions = await probes.positions(id);
  for (const [index, label] of inOrder.entries())
    for (const later of inOrder.slice(index + 1))
      if (!free.has(`${label} ${later}`))
        expect(positions.get(label), `${label} before ${later}`).toBeGreaterThan(positions.get(later) ?? -1);
}

const manyRuns = continuesAfter(20);

describe.each([
  { title: 'in one run', serverArgs: [], batches: 6 },
  { title: 'over many runs', serverArgs: manyRuns, batches: 2 },
  { title: 'placed with their worker', serverArgs: [], placed: 'here', batches: 6 },
  { title: 'placed with their worker, over many runs', serverArgs: manyRuns, placed: 'here', batches: 2 },
  { title: 'placed with a worker that is not there', serverArgs: [], placed: 'away', batches: 2 },
] as const)('random sagas $title', ({ batches, ...options }) => {
  let probes: Probes;
  beforeAll(async () => {
    probes = await startProbes({ placed: undefined, ...options, serverArgs: [...options.serverArgs] });
  });
  afterAll(() => probes.end());

  test('end done, or with every committed step undone exactly once, in an admissible order', async () => {
    const batch = fc.asyncProperty(fc.array(cases, { minLength: 10, maxLength: 10 }), async (all) => {
      await Promise.all(all.map((random) => check(probes, random)));
    });
    await fc.assert(batch, { numRuns: batches, seed: 1, endOnFailure: true });
  }, 180_000);
});
