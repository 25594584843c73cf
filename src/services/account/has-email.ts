import { sql } from 'drizzle-orm';
import { account } from './schema.ts';

/** In whatever letters. */
export const hasEmail = (email: string) => sql`lower(${account.email}) = lower(${email})`;
