import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import type { Saga } from '../../../src/saga/saga.ts';
import type { StepContract } from '../../../src/saga/step.ts';

export { alert } from '../../../src/saga/alert.ts';
export { sweep } from '../../../src/saga/sweep.ts';

const input = z.object({ plan: z.array(z.unknown()), deadline: z.string().optional() });

/** A version of the type `probe`. */
export const probeOf = (steps: readonly StepContract[], run: (saga: Saga) => Promise<unknown>) =>
  defineSaga({
    type: 'probe',
    input,
    steps,
    async run(saga) {
      await run(saga);
      return {};
    },
  });
