import { randomUUID } from 'node:crypto';
import { getTableName } from 'drizzle-orm';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { effectsOf } from '../../src/audit/effects.ts';
import { serviceNames } from '../../src/service-names.ts';
import { freshDatabase } from '../support/databases.ts';

/** The rows that the entries of each ledger belong to, in a table of the database's name. */
const owners = {
  loan: () => ({
    ...{ customer_id: randomUUID(), mortgage_id: randomUUID(), loan_amount: 100 },
    ...{ interest_rate: 0, term_years: 1, monthly_payment: 8 },
  }),
  payment: () => ({ currency_code: 'EUR', amount: 100 }),
};

describe.each(['loan', 'payment'] as const)('the schema of %s refuses', (owner) => {
  let sql: Sql;
  let ownerId: string;
  const stamp = { saga_id: '', saga_step: 'move-money', saga_generation: 1, saga_op: 'do' };

  beforeAll(async () => {
    sql = postgres(await freshDatabase(owner), { max: 1 });
  });
  afterAll(() => sql.end());

  beforeEach(async () => {
    stamp.saga_id = randomUUID();
    ownerId = randomUUID();
    await sql`insert into ${sql(owner)} ${sql({ id: ownerId, ...owners[owner]() })}`;
  });

  const guardRow = (writtenBy: 'do' | 'undo') =>
    sql`insert into saga_step ${sql({ saga_id: stamp.saga_id, step: stamp.saga_step, generation: 1, position: 0, op: 'do', written_by: writtenBy, request_hash: writtenBy === 'do' ? 'h' : null })}`;

  const entry = (amount: number, leg: number) => ({ [`${owner}_id`]: ownerId, account: 'cash', amount, leg });

  const entries = (...amounts: number[]) =>
    sql`insert into ledger_entry ${sql(amounts.map((amount, leg) => ({ ...entry(amount, leg), ...stamp })))}`;

  const stored = async () =>
    (await sql`select 1 from ledger_entry where ${sql(`${owner}_id`)} = ${ownerId}`).length;

  test('an effect without its guard row', async () => {
    await expect(entries(1, -1)).rejects.toThrow('ledger_entry_guard');
  });

  test('an effect that hangs on a tombstone', async () => {
    await guardRow('undo');
    await expect(entries(1, -1)).rejects.toThrow('ledger_entry_guard');
  });

  test('an effect with half a stamp', async () => {
    const half = sql`update ${sql(owner)} set saga_id = ${stamp.saga_id} where id = ${ownerId}`;
    await expect(half).rejects.toThrow(`${owner}_stamp`);
  });

  test('a movement of money without a guard row', async () => {
    await expect(sql`insert into ledger_entry ${sql(entry(1, 1))}`).rejects.toThrow('ledger_entry_guarded');
  });

  test('entries of one guard row that do not sum to zero, at commit', async () => {
    await guardRow('do');
    await expect(entries(1, -2)).rejects.toThrow('do not sum to zero');
    expect(await stored()).toBe(0);
    await entries(5, -3, -2);
    expect(await stored()).toBe(3);
  });

  test('the same leg twice', async () => {
    await guardRow('do');
    await entries(1, -1);
    await expect(entries(1, -1)).rejects.toThrow('ledger_entry_once');
  });

  test('any change of a ledger entry', async () => {
    for (const change of [
      'update ledger_entry set amount = 7',
      'delete from ledger_entry',
      'truncate ledger_entry',
    ])
      await expect(sql.unsafe(change)).rejects.toThrow('never changed');
  });
});

test.each(serviceNames)('what the steps of %s insert hangs on their guard rows', async (service) => {
  const sql = postgres(await freshDatabase(service), { max: 1 });
  const stamped = await sql`
    select table_name as name, array(
      select pg_get_constraintdef(oid) from pg_constraint
      where conrelid = format('%I', table_name)::regclass
        and conname in (table_name || '_guard', table_name || '_stamp') order by conname
    ) as constraints
    from information_schema.columns where column_name = 'saga_written_by'`;
  await sql.end();
  const tables = new Set(Object.values(effectsOf[service]).flat().map(getTableName));
  const constraints = [
    'FOREIGN KEY (saga_id, saga_step, saga_generation, saga_op, saga_written_by) REFERENCES saga_step(saga_id, step, generation, op, written_by)',
    'CHECK ((num_nulls(saga_id, saga_step, saga_generation, saga_op) = ANY (ARRAY[0, 4])))',
  ];
  expect(new Set(stamped)).toEqual(new Set([...tables].map((name) => ({ name, constraints }))));
});

test('an e-mail address belongs to one customer, whatever its case', async () => {
  const customers = postgres(await freshDatabase('customer'), { max: 1 });
  const add = (email: string) =>
    customers`insert into customer ${customers({ id: randomUUID(), name: 'Ada', email })}`;
  await add('ada@example.com');
  await expect(add('ADA@example.com')).rejects.toThrow('customer_email');
  await customers.end();
});
