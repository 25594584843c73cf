export interface Line {
  product_id: string;
  amount: number;
}

/** One line per product, ordered by id: a common lock order prevents deadlocks. */
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
