import type { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { signAccessToken } from './access-token.ts';
import { createAccount } from './create-account.ts';
import { hashPassword } from './password.ts';
import type { signUpBody, TokenPair } from './resource.ts';
import { issueRefreshToken } from './session.ts';
import { newestKey } from './signing-key.ts';

/** Undefined if the e-mail address is taken. */
export async function signUp(
  database: Database,
  { password, phone_number, ...person }: z.output<typeof signUpBody>,
  now: Date,
): Promise<TokenPair | undefined> {
  const key = await newestKey(database);
  const passwordHash = await hashPassword(password);
  const made = await database.transaction(async (tx) => {
    const caller = await createAccount(tx, { ...person, phoneNumber: phone_number, passwordHash });
    return caller && { caller, refresh_token: await issueRefreshToken(tx, caller.account, now) };
  });
  if (!made) return undefined;
  const { caller, refresh_token } = made;
  return { access_token: await signAccessToken(key, caller, now), refresh_token };
}
