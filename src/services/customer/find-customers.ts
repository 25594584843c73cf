import { desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import { lowerCase } from '../../guard/columns.ts';
import type { Database } from '../../guard/database.ts';
import { customerColumns, customerRow } from './resource.ts';
import { customer } from './schema.ts';

export async function findCustomer({ query }: Database, id: string) {
  const [found] = await query.select(customerColumns).from(customer).where(eq(customer.id, id));
  return found && z.encode(customerRow, found);
}

/** Returns the id; the address is compared case-insensitively. */
export async function findCustomerByEmail(
  { query }: Pick<Database, 'query'>,
  email: string,
): Promise<string | undefined> {
  const [found] = await query
    .select({ id: customer.id })
    .from(customer)
    .where(eq(lowerCase(customer.email), lowerCase(email)));
  return found?.id;
}

/** Newest first, since ids grow with time. `after`: the last id of the previous page. */
export async function listCustomers({ query }: Database, limit: number, after: string | undefined) {
  const rows = await query
    .select(customerColumns)
    .from(customer)
    .where(after === undefined ? undefined : lt(customer.id, after))
    .orderBy(desc(customer.id))
    .limit(limit);
  return rows.map((row) => z.encode(customerRow, row));
}
