import { and, eq, sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  check,
  type PgTable,
  smallint,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';
import type { Stamp } from './implement.ts';
import { stampColumns, stampConstraints } from './schema.ts';
import type { Transaction } from './transaction.ts';

/** A ledger adds its `account` and the row that an entry belongs to. */
export const entryColumns = () => ({
  id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  /** Cents: debit positive, credit negative. */
  amount: bigint('amount', { mode: 'bigint' }).notNull(),
  leg: smallint('leg').notNull(),
  at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
  ...stampColumns(),
});

type Entries = Record<keyof ReturnType<typeof entryColumns>, AnyPgColumn>;

/** Entries are never changed or deleted. A trigger checks that those of one guard row sum to zero. */
export const entryConstraints = (table: Entries) => [
  unique('ledger_entry_once').on(table.sagaId, table.sagaStep, table.sagaGeneration, table.sagaOp, table.leg),
  check('ledger_entry_amount', sql`${table.amount} <> 0`),
  check('ledger_entry_guarded', sql`${table.sagaId} is not null`),
  ...stampConstraints('ledger_entry', table),
];

/** Posts the opposite of a step's entries, as its undo. `owner`: the column of the row that an entry belongs to. */
export async function reverseEntries(
  tx: Transaction,
  ledger: PgTable & Entries,
  owner: AnyPgColumn,
  { sagaId, sagaStep, sagaGeneration }: Omit<Stamp, 'sagaOp'>,
): Promise<void> {
  const ownerId = sql.identifier(owner.name);
  await tx.execute(sql`
    insert into ${ledger} (${ownerId}, account, amount, leg, saga_id, saga_step, saga_generation, saga_op)
    select ${ownerId}, account, -amount, leg, saga_id, saga_step, saga_generation, 'undo' from ${ledger}
    where ${and(
      eq(ledger.sagaId, sagaId),
      eq(ledger.sagaStep, sagaStep),
      eq(ledger.sagaGeneration, sagaGeneration),
      eq(ledger.sagaOp, 'do'),
    )}`);
}
