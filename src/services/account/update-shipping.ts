import { eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import type { shippingBody } from './resource.ts';
import { account } from './schema.ts';

/** Returns whether the account exists. */
export async function updateShipping(
  { query }: Database,
  id: string,
  { address, phone_number }: z.output<typeof shippingBody>,
): Promise<boolean> {
  const { count } = await query
    .update(account)
    .set({ address, phoneNumber: phone_number })
    .where(eq(account.id, id));
  return count > 0;
}
