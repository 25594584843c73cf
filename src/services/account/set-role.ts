import { eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import type { Role } from './resource.ts';
import { account } from './schema.ts';

export async function setRole({ query }: Database, id: string, role: Role): Promise<void> {
  await query.update(account).set({ role }).where(eq(account.id, id));
}
