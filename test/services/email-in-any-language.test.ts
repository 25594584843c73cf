import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/guard/database.ts';
import { prepareDatabases } from '../../src/migrate/prepare-databases.ts';
import { blockedUntil, countFailure } from '../../src/services/account/log-in-failures.ts';
import { findCustomerByEmail } from '../../src/services/customer/find-customers.ts';
import { createDatabase } from '../support/databases.ts';

/** In Turkish, the small letter of `I` has no dot. */
async function turkish(name: 'customer' | 'unwind') {
  const url = await createDatabase(`turkish_${name}_${process.pid}`, "locale_provider icu icu_locale 'tr'");
  await prepareDatabases({ [name]: url }, () => {});
  const sql = postgres(url, { max: 1 });
  const database = openDatabase(url);
  onTestFinished(async () => {
    await Promise.all([sql.end(), database.end()]);
  });
  expect(await sql`select lower('I') as small`).toEqual([{ small: 'ı' }]);
  return { sql, database };
}

test('a customer is found by the address in capitals, and is the only one with it, in a Turkish database', async () => {
  const { sql, database } = await turkish('customer');
  const insert = (id: string, email: string) =>
    sql`insert into customer (id, name, email) values (${id}, 'Ivan', ${email})`;
  const id = randomUUID();
  await insert(id, 'IVAN@EXAMPLE.COM');
  expect(await findCustomerByEmail(database, 'ivan@example.com')).toBe(id);
  await expect(insert(randomUUID(), 'ivan@example.com')).rejects.toThrow(/customer_email/);
});

test('so is an account, and wrong passwords for both are counted together', async () => {
  const { sql, database } = await turkish('unwind');
  const insert = (email: string) => sql`
    insert into account (id, email, password_hash, firstname, lastname, address, phone_number)
    values (${randomUUID()}, ${email}, '', '', '', '', '')`;
  await insert('IVAN@EXAMPLE.COM');
  await expect(insert('ivan@example.com')).rejects.toThrow(/account_email/);
  const now = new Date();
  for (let tries = 0; tries < 20; tries += 1)
    await countFailure(database, tries % 2 === 0 ? 'IVAN@EXAMPLE.COM' : 'ivan@example.com', now);
  expect(await blockedUntil(database, 'Ivan@example.com', now)).toBeDefined();
});
