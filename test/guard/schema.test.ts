import { randomUUID } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase } from '../support/databases.ts';

let sql: Sql;
let loanId: string;
const stamp = { saga_id: '', saga_step: 'disburse-funds', saga_generation: 1, saga_op: 'do' };

beforeAll(async () => {
  sql = postgres(await freshDatabase('loan'), { max: 1 });
});
afterAll(() => sql.end());

beforeEach(async () => {
  stamp.saga_id = randomUUID();
  loanId = randomUUID();
  await sql`insert into loan ${sql({ id: loanId, customer_id: randomUUID(), mortgage_id: randomUUID(), loan_amount: 100, interest_rate: 0, term_years: 1, monthly_payment: 8 })}`;
});

const guardRow = (writtenBy: 'do' | 'undo') =>
  sql`insert into saga_step ${sql({ saga_id: stamp.saga_id, step: stamp.saga_step, generation: 1, position: 0, op: 'do', written_by: writtenBy, request_hash: writtenBy === 'do' ? 'h' : null })}`;

const entries = (...amounts: number[]) =>
  sql`insert into ledger_entry ${sql(amounts.map((amount, leg) => ({ loan_id: loanId, account: 'cash', amount, leg, ...stamp })))}`;

const stored = async () => (await sql`select 1 from ledger_entry where loan_id = ${loanId}`).length;

describe('the schema refuses', () => {
  test('an effect without its guard row', async () => {
    await expect(entries(1, -1)).rejects.toThrow('ledger_entry_guard');
  });

  test('an effect that hangs on a tombstone', async () => {
    await guardRow('undo');
    await expect(entries(1, -1)).rejects.toThrow('ledger_entry_guard');
  });

  test('an effect with half a stamp', async () => {
    const half = sql`update loan set saga_id = ${stamp.saga_id} where id = ${loanId}`;
    await expect(half).rejects.toThrow('loan_stamp');
  });

  test('a movement of money without a guard row', async () => {
    await expect(
      sql`insert into ledger_entry ${sql({ loan_id: loanId, account: 'cash', amount: 1, leg: 1 })}`,
    ).rejects.toThrow('ledger_entry_guarded');
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

test('an e-mail address belongs to one customer, whatever its case', async () => {
  const customers = postgres(await freshDatabase('customer'), { max: 1 });
  const add = (email: string) =>
    customers`insert into customer ${customers({ id: randomUUID(), name: 'Ada', email })}`;
  await add('ada@example.com');
  await expect(add('ADA@example.com')).rejects.toThrow('customer_email');
  await customers.end();
});
