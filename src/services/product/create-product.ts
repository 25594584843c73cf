import { uuidv7 } from 'uuidv7';
import { z } from 'zod';
import { implement } from '../../guard/implement.ts';
import { positiveMoney } from '../../money/money.ts';
import { defineStep } from '../../saga/step.ts';
import { plainText } from '../../saga/text.ts';
import { product } from './schema.ts';

export const productBody = z
  .object({
    name: plainText(200),
    description: plainText(2_000),
    brand_name: plainText(200),
    price: positiveMoney,
    inventory: z.int('must be a whole number').min(0, 'must not be negative').max(1_000_000_000),
  })
  .meta({
    id: 'ProductBody',
    example: {
      name: 'product1',
      description: 'first product',
      brand_name: 'mingbrand',
      price: 100,
      inventory: 1000,
    },
  });

const contract = defineStep({
  name: 'create-product',
  service: 'product',
  summary: 'Create a product',
  input: productBody,
  result: z.object({ id: z.guid() }),
  compensation: null,
});

export const createProduct = implement(contract, {
  async do(tx, { brand_name, ...body }, stamp) {
    const id = uuidv7();
    await tx.insert(product).values({ id, ...body, brandName: brand_name, ...stamp });
    return { id };
  },
  undo: null,
});
