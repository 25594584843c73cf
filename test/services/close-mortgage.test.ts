import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { doStep } from '../../src/guard/guard.ts';
import { closeMortgage } from '../../src/services/mortgage/close-mortgage.ts';
import { freshDatabase } from '../support/databases.ts';

let database: Database;
let sql: postgres.Sql;
beforeAll(async () => {
  const mortgage = await freshDatabase('mortgage');
  database = openDatabase(mortgage);
  sql = postgres(mortgage);
});
afterAll(async () => {
  await database.end();
  await sql.end();
});

test('a mortgage that its origination releases concurrently is closed', async () => {
  const [id, origination] = [randomUUID(), randomUUID()];
  await sql`
    insert into application (id, customer_id, loan_amount, property_value, interest_rate, term_years, status, held_by)
    values (${id}, ${randomUUID()}, 100, 200, 3000, 30, 'approved', ${origination})`;
  const call = { saga_id: randomUUID(), step: 'close-mortgage', generation: 1, position: 0 };
  const closing = await sql.begin(async (release) => {
    await release`update application set held_by = null where id = ${id}`;
    const answer = doStep(database, closeMortgage, { ...call, input: { mortgage_id: id } });
    answer.catch(() => {});
    const waits = () => sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await expect.poll(waits, { interval: 10, timeout: 2_000 }).not.toEqual([]);
    return { answer };
  });
  expect(await closing.answer).toEqual({ mortgage_id: id, closed: true });
  expect(await sql`select status from application where id = ${id}`).toEqual([{ status: 'closed' }]);
});
