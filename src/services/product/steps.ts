import { z } from 'zod';
import { positiveMoney } from '../../money/money.ts';
import { defineStep } from '../../saga/step.ts';

const line = { product_id: z.guid(), amount: z.int().min(1) };

const purchasedItem = z.object({
  ...line,
  name: z.string(),
  description: z.string(),
  brand_name: z.string(),
  price: positiveMoney,
});

export const reserveInventory = defineStep({
  name: 'reserve-inventory',
  service: 'product',
  summary: 'Take the products off the inventory, lines of the same product together',
  input: z.object({ purchase_items: z.array(z.object(line)).min(1) }),
  result: z.object({ purchased_items: z.array(purchasedItem), total: positiveMoney }),
  compensation: 'put them back',
  events: { done: 'inventory.reserved', refused: 'inventory.failed' },
});
