import { afterAll, beforeAll, describe, test } from 'vitest';
import { type System, startSystem } from '../support/system.ts';
import { type Case, type Policy, policies } from './case.ts';
import { runCase } from './run-case.ts';
import { titleOf } from './title.ts';

const workflows: Record<Policy, string> = { continue: 'matrix-continue', stop: 'matrix-stop' };

/** A test a case, many at once, on one system a policy. */
export function testCases(cases: readonly Case[], total: number) {
  console.log(`matrix: ${cases.length} of ${total} cases`);
  for (const policy of policies)
    describe(`policy ${policy}`, () => {
      let system: System;
      beforeAll(async () => {
        system = await startSystem({ workflows: workflows[policy] });
      });
      afterAll(() => system.end());

      for (const one of cases.filter((candidate) => candidate.policy === policy))
        test.concurrent(titleOf(one), { timeout: 200_000 }, ({ expect }) => runCase(system, one, expect));
    });
}
