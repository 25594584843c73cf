import { desc, eq, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { customerColumns, customerRow } from './resource.ts';
import { customer } from './schema.ts';

export async function findCustomer({ query }: Database, id: string) {
  const [found] = await query.select(customerColumns).from(customer).where(eq(customer.id, id));
  return found && z.encode(customerRow, found);
}

/** The id of the customer with this e-mail address, in whatever letters. */
export async function findCustomerByEmail({ query }: Database, email: string): Promise<string | undefined> {
  const [found] = await query
    .select({ id: customer.id })
    .from(customer)
    .where(sql`lower(${customer.email}) = lower(${email})`);
  return found?.id;
}

/** Newest first, as their ids are made; `after`: the id of the last customer of the page before. */
export async function listCustomers({ query }: Database, limit: number, after: string | undefined) {
  const rows = await query
    .select(customerColumns)
    .from(customer)
    .where(after === undefined ? undefined : lt(customer.id, after))
    .orderBy(desc(customer.id))
    .limit(limit);
  return rows.map((row) => z.encode(customerRow, row));
}
