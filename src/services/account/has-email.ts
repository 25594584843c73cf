import { sql } from 'drizzle-orm';
import { account } from './schema.ts';

/** Case-insensitive. */
export const hasEmail = (email: string) => sql`lower(${account.email}) = lower(${email})`;
