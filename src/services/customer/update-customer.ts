import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { isUniqueViolation } from '../../guard/error-code.ts';
import { emailTaken } from './create-customer.ts';
import { type customerBody, customerColumns, customerRow } from './resource.ts';
import { customer } from './schema.ts';

/** Undefined if there is none. Refuses the e-mail address of another customer. */
export async function updateCustomer(
  { query }: Database,
  id: string,
  { name, email }: z.output<typeof customerBody>,
) {
  const [updated] = await query
    .update(customer)
    .set({ name, email })
    .where(eq(customer.id, id))
    .returning(customerColumns)
    .catch((error: unknown) => {
      if (isUniqueViolation(error)) return emailTaken(email);
      throw error;
    });
  return updated && z.encode(customerRow, updated);
}
