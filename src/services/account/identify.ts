import { and, eq, exists, isNull } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { readAccessToken } from './access-token.ts';
import type { Identity } from './resource.ts';
import { account, refreshToken } from './schema.ts';

/** The account of an access token; undefined if the token is invalid, its log-in over, or the account deleted. */
export async function identify(database: Database, token: string, now: Date): Promise<Identity | undefined> {
  const read = await readAccessToken(database, token, now);
  if (!read) return undefined;
  const standing = and(eq(refreshToken.family, read.family), isNull(refreshToken.revokedAt));
  // The role is read from the account, not the token, so that a change takes effect at once.
  const [found] = await database.query
    .select({
      id: account.id,
      role: account.role,
      email: account.email,
      customer_id: account.customerId,
    })
    .from(account)
    .where(and(eq(account.id, read.id), exists(database.query.select().from(refreshToken).where(standing))));
  return found;
}
