import { expect, test } from 'vitest';
import { mergeLines } from '../../src/services/product/merge-lines.ts';

test('there is one line a product, whatever the letters of its id, and all purchases have the same order', () => {
  const lines = [
    { product_id: 'c', amount: 1 },
    { product_id: 'B', amount: 2 },
    { product_id: 'a', amount: 4 },
    { product_id: 'b', amount: 8 },
  ];
  const merged = ['a 4', 'b 10', 'c 1'];
  for (const some of [lines, lines.toReversed()])
    expect(mergeLines(some).map(({ product_id, amount }) => `${product_id} ${amount}`)).toEqual(merged);
});
