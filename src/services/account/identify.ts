import { eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { readAccessToken } from './access-token.ts';
import type { Identity } from './resource.ts';
import { account } from './schema.ts';

/** Whose access token it is; undefined where it is not valid, or its account is gone. */
export async function identify(database: Database, token: string, now: Date): Promise<Identity | undefined> {
  const id = await readAccessToken(database, token, now);
  if (id === undefined) return undefined;
  // The role is the account's and not the token's, so that one that is taken away is gone at once.
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
