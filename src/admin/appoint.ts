import type { Database } from '../guard/database.ts';
import { createAccount } from '../services/account/create-account.ts';
import { findByEmail } from '../services/account/find-by-email.ts';
import { hashPassword, randomPassword } from '../services/account/password.ts';
import { type Role, roles } from '../services/account/resource.ts';
import { setRole } from '../services/account/set-role.ts';

interface Appointment {
  email: string;
  role: Role;
  /** Whether an account that is there may be given more rights. */
  existing?: boolean;
}

/**
 * Gives the account that role. Makes the account and returns its password if there is none. Throws for an existing account
 * that would get more rights unless `existing` is set: somebody else may have signed up with the address.
 */
export async function appoint(
  database: Database,
  { email, role, existing = false }: Appointment,
): Promise<string | undefined> {
  const known = await findByEmail(database, email);
  if (known) {
    const raises = roles.indexOf(role) > roles.indexOf(known.role);
    if (raises && !existing) throw new ExistingAccount(known, role);
    await setRole(database, known.id, role);
    return undefined;
  }
  const password = randomPassword();
  const passwordHash = await hashPassword(password);
  const unknown = { firstname: '', lastname: '', address: '', phoneNumber: '' };
  const created = await createAccount(database.query, { email, passwordHash, role, ...unknown });
  // Somebody has signed up meanwhile.
  return created ? password : appoint(database, { email, role, existing });
}

type Known = NonNullable<Awaited<ReturnType<typeof findByEmail>>>;

class ExistingAccount extends Error {
  override name = 'ExistingAccount';
  constructor({ email, role, firstname, lastname, createdAt }: Known, wanted: Role) {
    const name = [firstname, lastname].filter(Boolean).join(' ');
    super(
      `${email} has an account with the role ${role}, made at ${createdAt.toISOString()}${name && ` by ${name}`}.\n` +
        `If that is who you mean, give it the role ${wanted} with --existing.`,
    );
  }
}
