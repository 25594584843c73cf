import { sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { hasEmail } from './has-email.ts';
import type { Role } from './resource.ts';
import { account } from './schema.ts';

/** Answers whether there is such an account. */
export async function setRole({ query }: Database, email: string, role: Role): Promise<boolean> {
  const updated = await query
    .update(account)
    .set({ role, modifiedAt: sql`now()` })
    .where(hasEmail(email))
    .returning({ id: account.id });
  return updated.length > 0;
}
