import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { doStep, undoStep } from '../../src/guard/guard.ts';
import { closeMortgage } from '../../src/services/mortgage/close-mortgage.ts';
import { deleteApplication } from '../../src/services/mortgage/delete-application.ts';
import { freshDatabase } from '../support/databases.ts';
import { lockWaits } from '../support/lock-waits.ts';

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

async function approved(holder: string | null = null) {
  const id = randomUUID();
  await sql`
    insert into application (id, customer_id, loan_amount, property_value, interest_rate, term_years, status, held_by)
    values (${id}, ${randomUUID()}, 100, 200, 3000, 30, 'approved', ${holder})`;
  return id;
}

const newCall = () => ({ saga_id: randomUUID(), step: 'close-mortgage', generation: 1, position: 0 });

test('a mortgage that its origination releases concurrently is closed', async () => {
  const id = await approved(randomUUID());
  const closing = await sql.begin(async (release) => {
    await release`update application set held_by = null where id = ${id}`;
    const answer = doStep(database, closeMortgage, { ...newCall(), input: { mortgage_id: id } });
    answer.catch(() => {});
    await expect.poll(() => lockWaits(sql), { interval: 10, timeout: 2_000 }).not.toEqual([]);
    return { answer };
  });
  expect(await closing.answer).toEqual({ mortgage_id: id, closed: true });
  expect(await sql`select status from application where id = ${id}`).toEqual([{ status: 'closed' }]);
});

test('a mortgage that its origination still holds is not closed', async () => {
  const holder = randomUUID();
  const id = await approved(holder);
  const closing = doStep(database, closeMortgage, { ...newCall(), input: { mortgage_id: id } });
  await expect(closing).rejects.toThrow(`is held by the running saga ${holder}`);
  expect(await sql`select status from application where id = ${id}`).toEqual([{ status: 'approved' }]);
});

test('a closed mortgage that was deleted since is undone; one that stands otherwise cannot be', async () => {
  const close = async () => {
    const call = newCall();
    const id = await approved();
    await doStep(database, closeMortgage, { ...call, input: { mortgage_id: id } });
    return { id, undo: () => undoStep(database, closeMortgage, call) };
  };
  const deleted = await close();
  expect(await deleteApplication(database, deleted.id)).toBe(true);
  expect(await deleted.undo()).toEqual({ outcome: 'undone' });

  const withdrawn = await close();
  await sql`update application set status = 'withdrawn' where id = ${withdrawn.id}`;
  await expect(withdrawn.undo()).rejects.toThrow('the mortgage is not closed');
});
