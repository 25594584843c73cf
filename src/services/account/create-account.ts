import { uuidv7 } from 'uuidv7';
import type { Transaction } from '../../guard/database.ts';
import type { Identity } from './resource.ts';
import { account } from './schema.ts';

type NewAccount = Omit<typeof account.$inferInsert, 'id' | 'createdAt' | 'modifiedAt'>;

/** Undefined if the e-mail address is taken. */
export async function createAccount(tx: Transaction, values: NewAccount): Promise<Identity | undefined> {
  const [created] = await tx
    .insert(account)
    .values({ id: uuidv7(), ...values })
    .onConflictDoNothing()
    .returning({
      id: account.id,
      role: account.role,
      email: account.email,
      customer_id: account.customerId,
    });
  return created;
}
