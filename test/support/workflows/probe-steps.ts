import { z } from 'zod';
import { defineStep, noResult } from '../../../src/saga/step.ts';

const common = {
  service: 'probe',
  summary: 'Leave a mark',
  input: z.object({ label: z.string() }),
  retry: { attempts: 2, backoff: 10, backoffCap: 20 },
  undoRetry: { attempts: 3, backoff: 10, backoffCap: 20 },
};
const marks = { ...common, result: z.object({ label: z.string() }), compensation: 'leave a counter-mark' };

/** Steps without any meaning: each leaves a row. */
export const red = defineStep({ name: 'red', ...marks });
export const green = defineStep({ name: 'green', ...marks });
export const blue = defineStep({ name: 'blue', ...marks, correctable: ['label'] });
export const pivot = defineStep({
  name: 'pivot',
  ...common,
  result: noResult,
  compensation: null,
  pivot: true,
});
