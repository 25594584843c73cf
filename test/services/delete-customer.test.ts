import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { claimsOn, deleteCustomer } from '../../src/services/customer/delete-customer.ts';
import { freshDatabase } from '../support/databases.ts';

let database: Database;
let sql: postgres.Sql;
beforeAll(async () => {
  const customer = await freshDatabase('customer');
  database = openDatabase(customer);
  sql = postgres(customer);
});
afterAll(async () => {
  await database.end();
  await sql.end();
});

test('a customer that ten thousand sagas have claimed is deleted, and each claim is marked as undone', async () => {
  const id = randomUUID();
  await sql`insert into customer (id, name, email) values (${id}, 'Ada', 'ada@example.com')`;
  await sql`
    insert into saga_step (saga_id, step, generation, position, op, written_by, request_hash)
    select gen_random_uuid(), 'claim-customer', 1, 0, 'do', 'do', 'hash' from generate_series(1, 10000)`;
  await sql`
    insert into customer_claim (customer_id, claimed_by, saga_id, saga_step, saga_generation, saga_op)
    select ${id}, saga_id, saga_id, step, generation, op from saga_step`;
  await sql`analyze`;

  const claims = await claimsOn(database, id);
  const over = claims.map(({ sagaId }) => sagaId);
  await expect(deleteCustomer(database, id, over.slice(1))).rejects.toThrow(
    `held by the running saga ${over[0]}`,
  );
  expect(await deleteCustomer(database, id, over)).toBe(true);
  expect(await sql`select 1 from customer`).toEqual([]);
  expect(await sql`select 1 from customer_claim`).toEqual([]);
  expect(
    await sql`select step, result, count(*)::int from saga_step where op = 'undo' group by 1, 2`,
  ).toEqual([{ step: 'claim-customer', result: 'undone', count: 10_000 }]);
});
