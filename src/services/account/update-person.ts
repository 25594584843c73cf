import { and, eq, or } from 'drizzle-orm';
import type { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { isUniqueViolation } from '../../guard/error-code.ts';
import { refuse } from '../../saga/errors.ts';
import { hasEmail } from './has-email.ts';
import type { Bearer, personBody } from './resource.ts';
import { account } from './schema.ts';

/**
 * Returns whether the account exists, and may have this e-mail address: only customers change theirs, and the role may have
 * changed since the caller was authorised. Refuses an e-mail address of another account.
 */
export async function updatePerson(
  { query }: Database,
  { id, role }: Bearer,
  { firstname, lastname, email }: z.output<typeof personBody>,
): Promise<boolean> {
  const mayHave = role === 'customer' ? or(eq(account.role, role), hasEmail(email)) : hasEmail(email);
  const { count } = await query
    .update(account)
    .set({ firstname, lastname, email })
    .where(and(eq(account.id, id), mayHave))
    .catch((error: unknown) => {
      if (isUniqueViolation(error))
        refuse('another account has this e-mail address', {
          errors: [{ pointer: '/email', detail: 'is the e-mail address of another account' }],
        });
      throw error;
    });
  return count > 0;
}
