import { and, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { signAccessToken } from './access-token.ts';
import { hasEmail } from './has-email.ts';
import { countFailure, forgetFailures } from './log-in-failures.ts';
import { passwordMatches } from './password.ts';
import type { logInBody, TokenPair } from './resource.ts';
import { account } from './schema.ts';
import { issueRefreshToken } from './session.ts';
import { newestKey } from './signing-key.ts';

/** Undefined if the e-mail address or the password is wrong. Does not reveal which, not even by the time it takes. */
export async function logIn(
  database: Database,
  { email, password }: z.output<typeof logInBody>,
  now: Date,
): Promise<TokenPair | undefined> {
  const key = await newestKey(database);
  const [known] = await database.query
    .select({ id: account.id, role: account.role, passwordHash: account.passwordHash })
    .from(account)
    .where(hasEmail(email));
  const matches = await passwordMatches(known?.passwordHash, password);
  if (!known || !matches) {
    await countFailure(database, email, now);
    return undefined;
  }
  const issued = await database.transaction(async (tx) => {
    // The password may have been replaced meanwhile.
    const same = and(eq(account.id, known.id), eq(account.passwordHash, known.passwordHash));
    const [still] = await tx.select().from(account).where(same).for('share');
    if (!still) return undefined;
    await forgetFailures(tx, email);
    return issueRefreshToken(tx, known.id, now);
  });
  if (!issued) return undefined;
  const { family, refresh_token } = issued;
  return { access_token: await signAccessToken(key, { ...known, family }, now), refresh_token };
}
