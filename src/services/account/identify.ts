import { eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { readAccessToken } from './access-token.ts';
import type { Identity } from './resource.ts';
import { account } from './schema.ts';

/** The account of an access token; undefined if the token is invalid or the account deleted. */
export async function identify(database: Database, token: string, now: Date): Promise<Identity | undefined> {
  const id = await readAccessToken(database, token, now);
  if (id === undefined) return undefined;
  // The role is read from the account, not the token, so that a change takes effect at once.
  const [found] = await database.query
    .select({
      account: account.id,
      role: account.role,
      email: account.email,
      customer_id: account.customerId,
    })
    .from(account)
    .where(eq(account.id, id));
  return found;
}
