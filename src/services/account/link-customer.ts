import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { isUniqueViolation } from '../../guard/error-code.ts';
import { hasEmail } from './has-email.ts';
import type { Identity } from './resource.ts';
import { account } from './schema.ts';

/**
 * Links the account to this customer, or to none, unless the link or the e-mail address has changed since it was read.
 * Returns the linked customer: null if another account is linked to it.
 */
export async function linkCustomer(
  database: Database,
  known: Identity,
  customerId: string | null,
): Promise<string | null> {
  const unchanged = and(
    eq(account.id, known.id),
    hasEmail(known.email),
    sql`${account.customerId} is not distinct from ${known.customer_id}::uuid`,
  );
  const updated = await database.query
    .update(account)
    .set({ customerId })
    .where(unchanged)
    .returning({ customerId: account.customerId })
    .catch((error: unknown) => {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    });
  if (!updated) return known.customer_id === null ? null : linkCustomer(database, known, null);
  const [linked] = updated.length > 0 ? updated : await readLink(database, known.id);
  return linked?.customerId ?? null;
}

const readLink = ({ query }: Database, id: string) =>
  query.select({ customerId: account.customerId }).from(account).where(eq(account.id, id));
