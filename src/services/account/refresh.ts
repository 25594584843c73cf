import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../../guard/database.ts';
import { signAccessToken } from './access-token.ts';
import type { TokenPair } from './resource.ts';
import { account, refreshToken } from './schema.ts';
import { hashToken, issueRefreshToken } from './session.ts';
import { newestKey } from './signing-key.ts';

/**
 * A new pair for an unused refresh token. A used one has been stolen, so its whole family is revoked. Undefined for an
 * invalid token.
 */
export async function refresh(database: Database, token: string, now: Date): Promise<TokenPair | undefined> {
  // Before the token is used up, because it may fail.
  const key = await newestKey(database);
  const tokenHash = hashToken(token);
  const next = await database.transaction(async (tx) => {
    const owner = await lockOwner(tx, tokenHash);
    if (!owner) return undefined;
    if (await useUp(tx, tokenHash, now)) {
      const { refresh_token } = await issueRefreshToken(tx, owner.id, now, owner.family);
      return { owner, refresh_token };
    }
    await revokeIfReused(tx, tokenHash, owner.family, now);
    return undefined;
  });
  if (!next) return undefined;
  const { owner, refresh_token } = next;
  return { access_token: await signAccessToken(key, owner, now), refresh_token };
}

/** Serializes refreshes of an account, so that a family gets no new token while it is revoked. */
async function lockOwner(tx: Transaction, tokenHash: string) {
  const [owner] = await tx
    .select({ id: account.id, role: account.role, family: refreshToken.family })
    .from(refreshToken)
    .innerJoin(account, eq(account.id, refreshToken.accountId))
    .where(eq(refreshToken.tokenHash, tokenHash))
    .for('no key update', { of: account });
  return owner;
}

async function useUp(tx: Transaction, tokenHash: string, now: Date): Promise<boolean> {
  const usable = and(
    eq(refreshToken.tokenHash, tokenHash),
    isNull(refreshToken.usedAt),
    isNull(refreshToken.revokedAt),
    gt(refreshToken.expiresAt, now),
  );
  const { count } = await tx.update(refreshToken).set({ usedAt: now }).where(usable);
  return count > 0;
}

async function revokeIfReused(tx: Transaction, tokenHash: string, family: string, now: Date): Promise<void> {
  const wasUsed = sql`exists (
    select 1 from ${refreshToken} reused where reused.token_hash = ${tokenHash} and reused.used_at is not null)`;
  const standing = and(eq(refreshToken.family, family), isNull(refreshToken.revokedAt));
  await tx.update(refreshToken).set({ revokedAt: now }).where(and(standing, wasUsed));
}
