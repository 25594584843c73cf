import { eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { hasEmail } from './has-email.ts';
import { forgetFailures } from './log-in-failures.ts';
import { hashPassword } from './password.ts';
import { account, refreshToken } from './schema.ts';

/** Ends all log-ins of the account. Returns false if there is none. */
export async function setPassword(database: Database, email: string, password: string): Promise<boolean> {
  const passwordHash = await hashPassword(password);
  return database.transaction(async (tx) => {
    const [known] = await tx
      .update(account)
      .set({ passwordHash })
      .where(hasEmail(email))
      .returning({ id: account.id });
    if (!known) return false;
    await tx.delete(refreshToken).where(eq(refreshToken.accountId, known.id));
    await forgetFailures(tx, email);
    return true;
  });
}
