import { eq } from 'drizzle-orm';
import { lowerCase } from '../../guard/columns.ts';
import { account } from './schema.ts';

/** Case-insensitive. */
export const hasEmail = (email: string) => eq(lowerCase(account.email), lowerCase(email));
