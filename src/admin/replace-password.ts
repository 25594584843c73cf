import type { Database } from '../guard/database.ts';
import { randomPassword } from '../services/account/password.ts';
import { setPassword } from '../services/account/set-password.ts';

/** Returns the new password. Throws without an account. */
export async function replacePassword(database: Database, email: string): Promise<string> {
  const password = randomPassword();
  if (!(await setPassword(database, email, password))) throw new Error(`${email} has no account`);
  return password;
}
