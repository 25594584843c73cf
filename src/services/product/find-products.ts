import { asc, eq, gte } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { asNumber } from '../../money/decimal.ts';
import { money } from '../../money/money.ts';
import { product } from './schema.ts';

const summary = { id: z.guid(), name: z.string(), inventory: z.int(), price: asNumber(money) };

export const catalogRow = z.object(summary).meta({ id: 'CatalogProduct' });
export const productRow = z
  .object({ ...summary, description: z.string(), brand_name: z.string() })
  .meta({ id: 'Product' });

const columns = { id: product.id, name: product.name, inventory: product.inventory, price: product.price };

/** Oldest first. Positions have no gaps, so rows before the page are not read. */
export async function listProducts({ query }: Database, { offset, size }: { offset: number; size: number }) {
  const rows = await query
    .select(columns)
    .from(product)
    .where(gte(product.position, offset))
    .orderBy(asc(product.position))
    .limit(size);
  return rows.map((row) => z.encode(catalogRow, row));
}

export async function findProduct({ query }: Database, id: string) {
  const [found] = await query
    .select({ ...columns, description: product.description, brand_name: product.brandName })
    .from(product)
    .where(eq(product.id, id));
  return found && z.encode(productRow, found);
}
