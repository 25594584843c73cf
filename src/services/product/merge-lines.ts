export interface Line {
  product_id: string;
  amount: number;
}

/** One line a product, in the order of the ids: everybody locks products in that order, so nobody waits in a circle. */
export function mergeLines(lines: readonly Line[]): Line[] {
  const amounts = new Map<string, number>();
  for (const { product_id, amount } of lines) {
    const id = product_id.toLowerCase();
    amounts.set(id, (amounts.get(id) ?? 0) + amount);
  }
  return [...amounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([product_id, amount]) => ({ product_id, amount }));
}
