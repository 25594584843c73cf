import { randomBytes } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { signingKey } from './schema.ts';

export interface SigningKey {
  kid: string;
  secret: Uint8Array;
}

/** A fixed name, so that only one process can insert the first key. */
const firstKid = '1';

/** The key to sign with. Made on first use. */
export async function newestKey({ query }: Database): Promise<SigningKey> {
  const newest = () =>
    query
      .select({ kid: signingKey.kid, secret: signingKey.secret })
      .from(signingKey)
      .orderBy(desc(signingKey.createdAt), desc(signingKey.kid))
      .limit(1);
  const [known] = await newest();
  if (known) return decoded(known);
  const secret = randomBytes(32).toString('base64url');
  await query.insert(signingKey).values({ kid: firstKid, secret }).onConflictDoNothing();
  const [made] = await newest();
  if (!made) throw new Error('there is no key to sign with');
  return decoded(made);
}

/** Not cached, so that a deleted key stops counting at once. */
export async function keyNamed({ query }: Database, kid: string): Promise<SigningKey | undefined> {
  const [found] = await query
    .select({ kid: signingKey.kid, secret: signingKey.secret })
    .from(signingKey)
    .where(eq(signingKey.kid, kid));
  return found && decoded(found);
}

const decoded = ({ kid, secret }: { kid: string; secret: string }): SigningKey => ({
  kid,
  secret: Buffer.from(secret, 'base64url'),
});
