import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import { defineUnwinder } from '../../../src/saga/define-unwinder.ts';
import type { Saga } from '../../../src/saga/saga.ts';
import { blue, green, pivot, red } from './probe-steps.ts';

export { alert } from '../../../src/saga/alert.ts';
export { sweep } from '../../../src/saga/sweep.ts';

const steps = { red, green, blue };

/** A saga that does what its input says. Labels are unique in a plan. */
export type Part =
  | { step: keyof typeof steps; label: string }
  | { pivot: string }
  | { decide: string }
  | { fail: string }
  /** As code that knows Temporal better than the kernel. */
  | { throw: string }
  | { branches: Part[][]; independent: boolean };

const part: z.ZodType<Part, Part> = z.lazy(() =>
  z.union([
    z.object({ step: z.enum(['red', 'green', 'blue']), label: z.string() }),
    z.object({ pivot: z.string() }),
    z.object({ decide: z.string() }),
    z.object({ fail: z.string() }),
    z.object({ throw: z.string() }),
    z.object({ branches: z.array(z.array(part)), independent: z.boolean() }),
  ]),
);

/** Answers what each part answered, in the order of the plan. */
async function follow(saga: Saga, plan: Part[]): Promise<string[]> {
  const answers: string[] = [];
  for (const each of plan) {
    if ('step' in each) answers.push((await saga.step(steps[each.step], { label: each.label })).label);
    else if ('pivot' in each) await saga.step(pivot, { label: each.pivot });
    else if ('decide' in each) answers.push((await saga.decision(each.decide)).reason);
    else if ('throw' in each) throw ApplicationFailure.nonRetryable(each.throw);
    else if ('fail' in each) saga.fail({ type: 'refused', message: each.fail });
    else {
      const branches = each.branches.map((branch) => branchOf(saga, branch));
      answers.push(...(await saga.parallel(branches, { independent: each.independent })).flat());
    }
  }
  return answers;
}

/** A branch that fails at once does so synchronously, as code may. */
function branchOf(saga: Saga, plan: Part[]): () => Promise<string[]> {
  const [first] = plan;
  if (first && 'fail' in first) return () => saga.fail({ type: 'refused', message: first.fail });
  return () => follow(saga, plan);
}

export const probe = defineSaga({
  type: 'probe',
  input: z.object({ plan: z.array(part), deadline: z.string().optional() }),
  steps: [red, green, blue, pivot],
  run: (saga, { plan }) => follow(saga, plan),
});

export const unwind = defineUnwinder([probe.definition]);
