import { and, eq, gt, gte, inArray, lt, sql } from 'drizzle-orm';
import { lowerCase } from '../../guard/columns.ts';
import type { Database, Transaction } from '../../guard/database.ts';
import { logInFailure } from './schema.ts';

const maxFailures = 20;
const windowMs = 15 * 60_000;
const expiredAtOnce = 10;

/** Until when an address may not log in, because too many wrong passwords were sent for it. */
export async function blockedUntil({ query }: Database, email: string, now: Date): Promise<Date | undefined> {
  const { failures, expiresAt } = logInFailure;
  const [blocked] = await query
    .select({ until: expiresAt })
    .from(logInFailure)
    .where(and(isFor(email), gte(failures, maxFailures), gt(expiresAt, now)));
  return blocked?.until;
}

/** Counts one. Expired counts are deleted, some at a time. */
export async function countFailure({ query }: Database, email: string, now: Date): Promise<void> {
  const expiresAt = new Date(now.getTime() + windowMs);
  const isOver = sql`${logInFailure.expiresAt} <= ${now.toISOString()}`;
  await query
    .insert(logInFailure)
    .values({ email: lowerCase(email), failures: 1, expiresAt })
    .onConflictDoUpdate({
      target: logInFailure.email,
      set: {
        failures: sql`case when ${isOver} then 1 else ${logInFailure.failures} + 1 end`,
        expiresAt: sql`case when ${isOver} then excluded.expires_at else ${logInFailure.expiresAt} end`,
      },
    });
  const expired = query
    .select({ email: logInFailure.email })
    .from(logInFailure)
    .where(lt(logInFailure.expiresAt, now))
    .limit(expiredAtOnce)
    .for('update', { skipLocked: true });
  await query.delete(logInFailure).where(inArray(logInFailure.email, expired));
}

/** Forgets them after a right password. */
export async function forgetFailures(tx: Transaction, email: string): Promise<void> {
  await tx.delete(logInFailure).where(isFor(email));
}

const isFor = (email: string) => eq(logInFailure.email, lowerCase(email));
