import { z } from 'zod';
import { defineStep, noResult } from '../../../src/saga/step.ts';

/** A step of a newer version, whose own back-off spends its attempts at once. */
export const orderValuation = defineStep({
  name: 'order-valuation',
  service: 'mortgage',
  summary: 'Order the valuation of the property',
  input: z.object({}),
  result: noResult,
  compensation: 'call the valuation off',
  retry: { attempts: 4, backoff: 20, backoffCap: 100 },
});
