import { z } from 'zod';
import { positiveMoney } from '../../money/money.ts';
import { defineStep, noResult } from '../../saga/step.ts';

const orderId = z.object({ order_id: z.guid() });

const purchasedItem = z.object({
  product_id: z.guid(),
  amount: z.int().min(1),
  name: z.string(),
  description: z.string(),
  brand_name: z.string(),
  price: positiveMoney,
});

export const createOrder = defineStep({
  name: 'create-order',
  service: 'order',
  summary: 'Create the order',
  input: orderId.extend({
    account_id: z.guid().optional(),
    purchased_items: z.array(purchasedItem).min(1),
  }),
  result: orderId,
  compensation: 'cancel the order',
  events: { done: 'order.created', undone: 'order.cancelled' },
});

export const completeOrder = defineStep({
  name: 'complete-order',
  service: 'order',
  summary: 'Complete the order',
  input: orderId,
  result: noResult,
  compensation: null,
  pivot: true,
  events: { done: 'order.completed' },
});
