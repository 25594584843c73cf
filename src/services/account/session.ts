import { createHash, randomBytes } from 'node:crypto';
import { inArray, lt } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Transaction } from '../../guard/database.ts';
import { refreshToken } from './schema.ts';

const lifetimeMs = 30 * 24 * 3_600_000;
const expiredAtOnce = 10;

/** 256 random bits need no salt and no slow hash. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** All tokens of one log-in. */
export interface LogIn {
  family: string;
}

/** A new refresh token, the first of its family or the next. Deletes expired ones of all accounts, some at a time. */
export async function issueRefreshToken(
  tx: Transaction,
  accountId: string,
  now: Date,
  family: string = uuidv7(),
): Promise<LogIn & { refresh_token: string }> {
  const expired = tx
    .select({ tokenHash: refreshToken.tokenHash })
    .from(refreshToken)
    .where(lt(refreshToken.expiresAt, now))
    .limit(expiredAtOnce)
    .for('update', { skipLocked: true });
  await tx.delete(refreshToken).where(inArray(refreshToken.tokenHash, expired));
  const refresh_token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(now.getTime() + lifetimeMs);
  await tx.insert(refreshToken).values({ tokenHash: hashToken(refresh_token), family, accountId, expiresAt });
  return { family, refresh_token };
}
