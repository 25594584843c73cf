import { z } from 'zod';
import { defineStep, noResult } from '../../saga/step.ts';
import { visitInput } from '../visit.ts';

export const registerCustomer = defineStep({
  name: 'register-customer',
  service: 'customer',
  summary: 'Register the customer, or claim the one with this e-mail address',
  input: z.object({ name: z.string(), email: z.string() }),
  result: z.object({ customer_id: z.guid(), registered: z.boolean() }),
  compensation:
    'release the claim; deregister if this saga registered the customer and nobody else claims it',
});

export const claimCustomer = defineStep({
  name: 'claim-customer',
  service: 'customer',
  summary: 'Claim the existing customer',
  input: z.object({ customer_id: z.guid() }),
  result: z.object({ customer_id: z.guid() }),
  compensation: 'release the claim',
});

export const visitCustomer = defineStep({
  name: 'visit-customer',
  service: 'customer',
  summary: 'Visit the customer service',
  input: visitInput,
  result: noResult,
  compensation: 'nothing: a visit has no effect',
});
