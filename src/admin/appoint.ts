import { randomBytes } from 'node:crypto';
import type { Database } from '../guard/database.ts';
import { createAccount } from '../services/account/create-account.ts';
import { hashPassword } from '../services/account/password.ts';
import type { Role } from '../services/account/resource.ts';
import { setRole } from '../services/account/set-role.ts';

/** Gives the account that role; where there is none, makes it, and answers its password. */
export async function appoint(database: Database, email: string, role: Role): Promise<string | undefined> {
  if (await setRole(database, email, role)) return undefined;
  const password = randomBytes(18).toString('base64url');
  const passwordHash = await hashPassword(password);
  const unknown = { firstname: '', lastname: '', address: '', phoneNumber: '' };
  const created = await createAccount(database.query, { email, passwordHash, role, ...unknown });
  if (created) return password;
  // Somebody has signed up meanwhile.
  await setRole(database, email, role);
  return undefined;
}
