import { eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { account } from './schema.ts';

export async function readShipping({ query }: Database, id: string) {
  const [found] = await query
    .select({ address: account.address, phone_number: account.phoneNumber })
    .from(account)
    .where(eq(account.id, id));
  return found;
}
