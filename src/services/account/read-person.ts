import { eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { account } from './schema.ts';

export async function readPerson({ query }: Database, id: string) {
  const { firstname, lastname, email } = account;
  const [found] = await query.select({ firstname, lastname, email }).from(account).where(eq(account.id, id));
  return found;
}
