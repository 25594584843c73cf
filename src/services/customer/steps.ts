import { z } from 'zod';
import { defineStep } from '../../saga/step.ts';
import { defineVisit } from '../visit.ts';

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

export const visitCustomer = defineVisit('customer');
