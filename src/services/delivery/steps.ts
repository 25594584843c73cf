import { z } from 'zod';
import { defineStep } from '../../saga/step.ts';

export const createDelivery = defineStep({
  name: 'create-delivery',
  service: 'delivery',
  summary: 'Schedule the delivery',
  input: z.object({ order_id: z.guid() }),
  result: z.object({ delivery_id: z.guid() }),
  compensation: 'cancel the delivery',
  events: { done: 'delivery.scheduled' },
});
