import type { Database } from '../../guard/database.ts';
import { hasEmail } from './has-email.ts';
import { account } from './schema.ts';

export async function findByEmail({ query }: Database, address: string) {
  const { id, email, role, firstname, lastname, createdAt } = account;
  const [found] = await query
    .select({ id, email, role, firstname, lastname, createdAt })
    .from(account)
    .where(hasEmail(address));
  return found;
}
