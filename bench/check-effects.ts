import { prepareDatabases } from '../src/migrate/prepare-databases.ts';
import { amount, type FourSteps, stepNames } from './four-steps.ts';
import { withSql } from './sql.ts';

/** The service whose migrations add little more than the guard's tables. */
const service = 'customer';

/** Creates the contender's database with the table of effects. Only Unwind uses the guard columns. */
export async function prepareEffects(url: string): Promise<void> {
  await prepareDatabases({ [service]: url }, () => {});
  await withSql(
    url,
    (sql) => sql`create table if not exists effect (
    saga_id uuid not null, step text not null, amount bigint not null, reversed_at timestamptz,
    saga_step text, saga_generation smallint, saga_op text,
    saga_written_by text generated always as (saga_op) stored,
    primary key (saga_id, step),
    foreign key (saga_id, saga_step, saga_generation, saga_op, saga_written_by)
      references saga_step (saga_id, step, generation, op, written_by))`,
  );
}

/** Throws unless each saga left exactly the expected rows. */
export async function checkEffects(url: string, sagas: FourSteps[]): Promise<void> {
  const rows = await withSql(
    url,
    (sql) => sql<{ id: string; effects: number; reversed: number; total: string }[]>`
      select saga_id as id, count(*)::int as effects, count(reversed_at)::int as reversed, sum(amount)::text as total
      from effect where saga_id = any(${sagas.map(({ id }) => id)}) group by saga_id`,
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const { id, refused } of sagas) {
    const { effects = 0, reversed = 0, total = '0' } = found.get(id) ?? {};
    const wanted = refused ? stepNames.length - 1 : stepNames.length;
    if (effects !== wanted || reversed !== (refused ? wanted : 0) || total !== `${wanted * amount}`)
      throw new Error(
        `saga ${id}, ${refused ? 'refused at its last step' : 'granted'}, left ${effects} effects of ${total}, ${reversed} of them reversed`,
      );
  }
}

/**
 * Originations choose their own ids, so this counts the loans of sagas that were requested since then. Those of a load that
 * failed may still come to their end.
 */
export async function checkOriginations(loanDatabase: string, wanted: number, since: Date): Promise<void> {
  const [row] = await withSql(
    loanDatabase,
    (sql) => sql<{ active: number }[]>`select count(*)::int as active from loan
      where status = 'active' and uuid_extract_timestamp(saga_id) >= ${since}`,
  );
  if (row?.active !== wanted)
    throw new Error(`there are ${row?.active} active loans where there should be ${wanted}`);
}
