import { and, desc, eq, isNull, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { loanColumns, loanRow } from './resource.ts';
import { loan } from './schema.ts';

export async function findLoan(database: Database, id: string) {
  const [found] = await select(database, eq(loan.id, id));
  return found;
}

/** The newest, if there are several. */
export async function findLoanOfMortgage(database: Database, mortgageId: string) {
  const [found] = await select(database, eq(loan.mortgageId, mortgageId));
  return found;
}

/** Newest first. */
export const loansOf = (database: Database, customerId: string) =>
  select(database, eq(loan.customerId, customerId));

async function select({ query }: Database, which: SQL) {
  const rows = await query
    .select(loanColumns)
    .from(loan)
    .where(and(which, isNull(loan.deletedAt)))
    .orderBy(desc(loan.createdAt), desc(loan.id));
  return rows.map((row) => z.encode(loanRow, row));
}
