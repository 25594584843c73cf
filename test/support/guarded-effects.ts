import { pgTable, text } from 'drizzle-orm/pg-core';
import postgres from 'postgres';
import { z } from 'zod';
import { type Database, openDatabase, type Transaction } from '../../src/guard/database.ts';
import { implement, type Stamp } from '../../src/guard/implement.ts';
import { stampColumns, stampConstraints } from '../../src/guard/schema.ts';
import { refuse } from '../../src/saga/errors.ts';
import { defineStep } from '../../src/saga/step.ts';
import { freshDatabase } from './databases.ts';

export const effect = pgTable('effect', { label: text('label').notNull(), ...stampColumns() }, (table) =>
  stampConstraints('effect', table),
);

/** What a test lets happen inside the step: before its first effect (1), between the two (2), after the last (3). */
export const hooks = {
  between: async (_point: number, _tx: Transaction): Promise<void> => {},
  refuses: false,
};

const common = {
  service: 'loan',
  summary: 'Leave two effects',
  input: z.object({ label: z.string(), note: z.string().optional() }),
  result: z.object({ label: z.string() }),
};

async function leaveTwoEffects(tx: Transaction, { label }: { label: string }, stamp: Stamp) {
  if (hooks.refuses) refuse('not today');
  await hooks.between(1, tx);
  await tx.insert(effect).values({ label: `${label} first`, ...stamp });
  await hooks.between(2, tx);
  await tx.insert(effect).values({ label: `${label} second`, ...stamp });
  await hooks.between(3, tx);
  return { label };
}

const contract = defineStep({ name: 'leave-effects', compensation: 'leave a reversal', ...common });
export const leaveEffects = implement(contract, {
  do: leaveTwoEffects,
  async undo(tx, { label }, stamp) {
    await hooks.between(1, tx);
    await tx.insert(effect).values({ label: `${label} reversed`, ...stamp });
    await hooks.between(2, tx);
  },
});

const pivotContract = defineStep({ name: 'leave-effects', compensation: null, pivot: true, ...common });
export const leaveEffectsForGood = implement(pivotContract, { do: leaveTwoEffects, undo: null });

export interface EffectsDatabase {
  url: string;
  database: Database;
  /** The labels of all effects, in order. */
  effects(): Promise<string[]>;
  /** How many guard rows there are. */
  guardRows(): Promise<number>;
  empty(): Promise<unknown>;
  sql: postgres.Sql;
  end(): Promise<void>;
}

/** The loan database with one more table, for a step that leaves two effects. */
export async function effectsDatabase(): Promise<EffectsDatabase> {
  const url = await freshDatabase('loan');
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  await prepareEffects(sql);
  const database = openDatabase(url, { name: 'guard-test' });
  return {
    url,
    database,
    sql,
    effects: async () =>
      (await sql<{ label: string }[]>`select label from effect order by id`).map((row) => row.label),
    empty: () => sql.unsafe('delete from effect; delete from saga_step'),
    guardRows: async () => (await sql`select 1 from saga_step`).length,
    async end() {
      await database.end();
      await sql.end();
    },
  };
}

/** Adds the table of effects to a service's database. */
export const prepareEffects = (sql: postgres.Sql) => sql`create table effect (
  label text not null, saga_id uuid, saga_step text, saga_generation smallint, saga_op text,
  saga_written_by text generated always as (saga_op) stored, id int generated always as identity,
  foreign key (saga_id, saga_step, saga_generation, saga_op, saga_written_by)
    references saga_step (saga_id, step, generation, op, written_by))`;
