import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { doStep } from '../../src/guard/guard.ts';
import { bookLoan } from '../../src/services/loan/book-loan.ts';
import { freshDatabase } from '../support/databases.ts';

let database: Database;
let sql: postgres.Sql;
beforeAll(async () => {
  const loan = await freshDatabase('loan');
  database = openDatabase(loan);
  sql = postgres(loan);
});
afterAll(async () => {
  await database.end();
  await sql.end();
});

const termsOf = (customer_id: string, loan_amount: number) => ({
  customer_id,
  mortgage_id: randomUUID(),
  loan_amount,
  interest_rate: 3.25,
  term_years: 30,
});
const callWith = (input: object) => ({
  saga_id: randomUUID(),
  step: 'book-loan',
  generation: 1,
  position: 0,
  input,
});

test('a customer may owe all of the lending limit, and not a cent more', async () => {
  const customer = randomUUID();
  const book = (amount: number) =>
    doStep(database, bookLoan(50_000_000n), callWith(termsOf(customer, amount)));
  await expect(book(500_000.01)).rejects.toThrow('would owe 500000.01');
  expect(await book(500_000)).toMatchObject({ monthly_payment: 2_176.03 });
  await expect(book(0.01)).rejects.toThrow('would owe 500000.01');
});

test('a booking counts the one that another saga is making for the same customer', async () => {
  const customer_id = randomUUID();
  const call = callWith(termsOf(customer_id, 600_000));
  const booking = await sql.begin(async (other) => {
    await other`select pg_advisory_xact_lock(hashtextextended(${customer_id}, 0))`;
    const answer = doStep(database, bookLoan(200_000_000n), call);
    answer.catch(() => {});
    const waits = () => sql`
      select 1 from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`;
    await expect.poll(waits, { interval: 10, timeout: 2_000 }).toHaveLength(1);
    await other`
      insert into loan (id, customer_id, mortgage_id, loan_amount, interest_rate, term_years, monthly_payment, status)
      values (${randomUUID()}, ${customer_id}, ${randomUUID()}, 150000000, 3250, 30, 652809, 'booked')`;
    return { answer };
  });
  await expect(booking.answer).rejects.toThrow(
    'the customer would owe 2100000.00, above the lending limit of 2000000.00',
  );
  expect(await sql`select status, loan_amount from loan where customer_id = ${customer_id}`).toEqual([
    { status: 'booked', loan_amount: '150000000' },
  ]);
});
