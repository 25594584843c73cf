import pino from 'pino';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type System, startSystem } from '../support/system.ts';
// A worker that runs stretches has the contracts of this process, not of the workflows' bundle.
import '../support/workflows/matrix-steps.ts';
import { type Case, type Policy, placements, policies } from './case.ts';
import { runCase } from './run-case.ts';
import { titleOf } from './title.ts';

const workflows: Record<Policy, string> = { continue: 'matrix-continue', stop: 'matrix-stop' };
const worlds = policies.flatMap((policy) => placements.map((placement) => ({ policy, placement })));

/** A test a case, many at once, on one system a policy and placement. */
export function testCases(cases: readonly Case[], total: number) {
  console.log(`matrix: ${cases.length} of ${total} cases`);
  describe.each(worlds)('policy $policy, $placement', ({ policy, placement }) => {
    const met = new Set<string>();
    let system: System;
    beforeAll(async () => {
      const placed = placement === 'together';
      system = await startSystem({ workflows: workflows[policy], placed, logger: failpointsMet(met) });
    });
    afterAll(() => system.end());

    const ours = cases.filter((one) => one.policy === policy && one.placement === placement);
    for (const one of ours)
      test.concurrent(titleOf(one), { timeout: 200_000 }, ({ expect }) =>
        runCase({ ...system, met }, one, expect),
      );
  });
}

/** Notes which failpoints were met: `saga step`. */
const failpointsMet = (met: Set<string>) =>
  pino(
    { level: 'warn' },
    {
      write(line: string) {
        const { msg, saga, step } = JSON.parse(line);
        if (msg === 'failpoint') met.add(`${saga} ${step}`);
      },
    },
  );
