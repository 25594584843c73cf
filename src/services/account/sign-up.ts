import type { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { signAccessToken } from './access-token.ts';
import { createAccount } from './create-account.ts';
import { hashPassword } from './password.ts';
import type { Identity, signUpBody, TokenPair } from './resource.ts';
import { issueRefreshToken } from './session.ts';
import { newestKey } from './signing-key.ts';

/** The new account and its tokens; undefined if the e-mail address is taken. */
export async function signUp(
  database: Database,
  { password, phone_number, ...person }: z.output<typeof signUpBody>,
  now: Date,
): Promise<{ account: Identity; pair: TokenPair } | undefined> {
  const key = await newestKey(database);
  const passwordHash = await hashPassword(password);
  const made = await database.transaction(async (tx) => {
    const account = await createAccount(tx, { ...person, phoneNumber: phone_number, passwordHash });
    return account && { account, ...(await issueRefreshToken(tx, account.id, now)) };
  });
  if (!made) return undefined;
  const { account, family, refresh_token } = made;
  const access_token = await signAccessToken(key, { ...account, family }, now);
  return { account, pair: { access_token, refresh_token } };
}
