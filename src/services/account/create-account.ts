import { uuidv7 } from 'uuidv7';
import type { Transaction } from '../../guard/database.ts';
import type { Bearer } from './resource.ts';
import { account } from './schema.ts';

type NewAccount = Omit<typeof account.$inferInsert, 'id' | 'createdAt' | 'modifiedAt'>;

/** Undefined if the e-mail address is taken. */
export async function createAccount(tx: Transaction, values: NewAccount): Promise<Bearer | undefined> {
  const [created] = await tx
    .insert(account)
    .values({ id: uuidv7(), ...values })
    .onConflictDoNothing()
    .returning({ account: account.id, role: account.role });
  return created;
}
