import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { doStep, undoStep } from '../../src/guard/guard.ts';
import { reserveInventory } from '../../src/services/product/reserve-inventory.ts';
import { freshDatabase } from '../support/databases.ts';
import { lockWaits } from '../support/lock-waits.ts';

const low = '00000000-0000-4000-8000-000000000000';
const high = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
let database: Database;
let sql: postgres.Sql;
beforeAll(async () => {
  const product = await freshDatabase('product');
  database = openDatabase(product);
  sql = postgres(product);
  for (const id of [high, low])
    await sql`
      insert into product (id, name, description, brand_name, price, inventory)
      values (${id}, 'pen', 'writes', 'quill', 100, 10)`;
});
afterAll(async () => {
  await database.end();
  await sql.end();
});

const call = {
  saga_id: randomUUID(),
  step: 'reserve-inventory',
  generation: 1,
  position: 0,
  input: { purchase_items: [high, low].map((product_id) => ({ product_id, amount: 1 })) },
};

/** While another transaction has the lower product, `act` waits for it and has not locked the higher one. */
async function expectLowerFirst(act: () => Promise<unknown>) {
  const { acted } = await sql.begin(async (other) => {
    await other`select 1 from product where id = ${low} for update`;
    const acted = act();
    acted.catch(() => {});
    await expect.poll(() => lockWaits(sql), { interval: 10 }).toHaveLength(1);
    await sql`select 1 from product where id = ${high} for update nowait`;
    return { acted };
  });
  await acted;
}

test('purchases of the same products do not deadlock: they lock them in one order, taking and putting back', async () => {
  const stock = async () => (await sql`select inventory::int from product`).map((row) => row['inventory']);
  await expectLowerFirst(() => doStep(database, reserveInventory, call));
  expect(await stock()).toEqual([9, 9]);
  // The other way round in the table, where they lie in the order in which they were taken.
  await sql`
    update reservation set product_id = case product_id when ${low} then ${high}::uuid else ${low}::uuid end`;
  await expectLowerFirst(() => undoStep(database, reserveInventory, call));
  expect(await stock()).toEqual([10, 10]);
});
