import { desc, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { applicationColumns, applicationRow } from './resource.ts';
import { application } from './schema.ts';

export async function findApplication({ query }: Database, id: string) {
  const [found] = await query.select(applicationColumns).from(application).where(eq(application.id, id));
  return found && z.encode(applicationRow, found);
}

/** Newest first. */
export async function applicationsOf({ query }: Database, customerId: string) {
  const rows = await query
    .select(applicationColumns)
    .from(application)
    .where(eq(application.customerId, customerId))
    .orderBy(desc(application.createdAt), desc(application.id));
  return rows.map((row) => z.encode(applicationRow, row));
}
