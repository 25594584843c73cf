import type { Database } from '../../guard/database.ts';
import { isAmong } from '../../guard/is-among.ts';
import { type Line, mergeLines } from './merge-lines.ts';
import { product } from './schema.ts';

/** Merged lines at current prices, in cents, and the first id that no product has. */
export async function quoteItems({ query }: Database, lines: readonly Line[]) {
  const merged = mergeLines(lines);
  const ids = merged.map(({ product_id }) => product_id);
  const rows = await query.select().from(product).where(isAmong(product.id, ids));
  const known = new Map(rows.map((row) => [row.id, row]));
  const items = merged.flatMap(({ product_id, amount }) => {
    const row = known.get(product_id);
    if (!row) return [];
    const { name, description, brandName: brand_name, price } = row;
    return [{ product_id, amount, name, description, brand_name, price }];
  });
  const total = items.reduce((sum, { price, amount }) => sum + price * BigInt(amount), 0n);
  return { items, total, unknown: ids.find((id) => !known.has(id)) };
}
