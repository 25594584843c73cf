import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { createLogger } from '../../src/logger.ts';
import { linkCustomer } from '../../src/services/account/link-customer.ts';
import { signedUp } from '../accounts/support.ts';
import { inPlaceOfAll } from '../support/databases.ts';
import { created, expectProblem, person, sender } from '../support/resources.ts';
import {
  type Access,
  mortgageFor,
  type Person,
  referredFor,
  startAccess,
  started,
  untilState,
} from './support.ts';

let access: Access;
let operator: Person;
beforeAll(async () => {
  access = await startAccess();
  operator = await access.as('operator');
});
afterAll(() => access.system.end());

async function linkOf({ id }: { id: string }): Promise<string | null> {
  const [row] = await access.system.sql.unwind`select customer_id from account where id = ${id}`;
  return row?.['customer_id'];
}

const customerWith = async (email: string): Promise<string> =>
  (await created(operator.call, '/customers', { name: 'Ada', email })).id;
const sees = async ({ call }: Person, id: string) => (await call('GET', `/customers/${id}`)).status === 200;
const rename = ({ call }: Person, email: string) =>
  call('PUT', '/api/account/info/person', { firstname: 'ming', lastname: 'hsu', email });

describe('an account is linked to the customer of its e-mail address', () => {
  test('at sign-up, in whatever letters', async () => {
    const { email } = person();
    const customer = await customerWith(email);
    const account = await access.as('customer', { email: email.toUpperCase() });
    expect(await linkOf(account)).toBe(customer);
    expect(await sees(account, customer)).toBe(true);
  });

  test('later, at its next request, if a customer was created', async () => {
    const account = await access.as('customer');
    expect(await sees(account, crypto.randomUUID())).toBe(false);
    expect(await linkOf(account)).toBeNull();
    const customer = await customerWith(account.email);
    expect(await linkOf(account)).toBeNull();
    expect(await sees(account, customer)).toBe(true);
    expect(await linkOf(account)).toBe(customer);
  });

  test('later, at its next request, if a saga registered the customer', async () => {
    const account = await access.as('customer');
    const saga = await started(account, 'mortgage-origination', mortgageFor(account.email));
    const { result } = await untilState(account, saga, 'completed');
    const { customer_id, loan_id } = result as Record<string, string>;
    expect((await account.call('GET', `/loans/${loan_id}`)).status).toBe(200);
    expect(await linkOf(account)).toBe(customer_id);
  });

  test('but not accounts of other roles, which read everything', async () => {
    const uma = await access.as('underwriter');
    expect(await sees(uma, await customerWith(uma.email))).toBe(true);
    expect(await linkOf(uma)).toBeNull();
  });

  test('and signs up during an outage of the customer service', async () => {
    const { config, databases, temporal } = access.system;
    const [registry, away] = [openDatabase(databases.unwind), openDatabase('postgres://127.0.0.1:1/x')];
    const given = { auth: 'on', registry, temporal: temporal.client, alertAfter: 'PT5M' } as const;
    const more = { temporalUiUrl: config.temporal.uiUrl, logger: createLogger('test', 'silent') };
    const app = createApp({ ...given, ...more }, inPlaceOfAll(away));
    const { email } = person();
    const customer = await customerWith(email);
    const account = await signedUp(
      sender((path, init) => app.request(path, init)),
      { email },
    );
    expect(await linkOf(account)).toBeNull();
    const headers = { authorization: `Bearer ${account.access_token}` };
    expect((await app.request(`/customers/${customer}`, { headers })).status).toBe(503);
    expect((await access.send('GET', `/customers/${customer}`, undefined, headers)).status).toBe(200);
    expect(await linkOf(account)).toBe(customer);
    await Promise.all([registry.end(), away.end()]);
  });
});

describe('the link', () => {
  test('is dropped when the registration is undone, and looked up anew', async () => {
    const account = await access.as('customer');
    const saga = await started(account, 'mortgage-origination', referredFor(account.email));
    await untilState(account, saga, 'waiting');
    const [registered] = await access.system.sql
      .customer`select id from customer where email = ${account.email}`;
    const first = registered?.['id'];
    expect(await sees(account, first)).toBe(true);
    expect(await linkOf(account)).toBe(first);

    await operator.call('POST', `/sagas/${saga}/compensate`, { reason: 'over' });
    await untilState(account, saga, 'compensated');
    expect(await access.system.sql.customer`select 1 from customer where id = ${first}`).toEqual([]);
    expect(await sees(account, first)).toBe(false);
    expect(await linkOf(account)).toBeNull();

    const second = await customerWith(account.email);
    expect(await sees(account, second)).toBe(true);
    expect(await linkOf(account)).toBe(second);
    expect((await operator.call('DELETE', `/customers/${second}`)).status).toBe(204);
    const third = await customerWith(account.email);
    expect(await sees(account, third)).toBe(true);
    expect(await linkOf(account)).toBe(third);
  });

  test('stays when the account changes its e-mail address, to one of another customer', async () => {
    const { email } = person();
    const [own, other] = [await customerWith(email), person()];
    const others = await customerWith(other.email);
    const account = await access.as('customer', { email });
    expect((await rename(account, other.email)).status).toBe(200);
    expect([await sees(account, own), await sees(account, others)]).toEqual([true, false]);
    expect(await linkOf(account)).toBe(own);
  });

  test('is made before an account changes its address, so that its next owner gets nothing', async () => {
    const account = await access.as('customer');
    const saga = await started(account, 'mortgage-origination', mortgageFor(account.email));
    const { result } = await untilState(account, saga, 'completed');
    const { customer_id, loan_id } = result as Record<string, string>;
    expect(await linkOf(account)).toBeNull();
    expect((await rename(account, person().email)).status).toBe(200);
    const next = await access.as('customer', { email: account.email });
    expect([await linkOf(account), await linkOf(next)]).toEqual([customer_id, null]);
    const read = ({ call }: Person) => call('GET', `/loans/${loan_id}`);
    expect([(await read(account)).status, (await read(next)).status]).toEqual([200, 404]);
  });

  test('keeps a customer one customer, whichever of the two addresses changes', async () => {
    const [first, second] = [await access.as('customer'), await access.as('customer')];
    const customers = [await customerWith(first.email), await customerWith(second.email)];
    const renamed = person().email;
    expect((await rename(first, renamed)).status).toBe(200);
    expect(await sees(second, customers[1] ?? '')).toBe(true);
    expect((await operator.call('PUT', `/customers/${customers[1]}`, person())).status).toBe(200);

    for (const [{ call }, email, customer] of [
      [first, renamed, customers[0]],
      [second, second.email, customers[1]],
    ] as const) {
      const again = await call('POST', '/sagas/mortgage-origination', mortgageFor(email));
      expectProblem(again, 403, '/sagas/mortgage-origination');
      expect(again.body.errors).toMatchObject([{ pointer: '/customer/email' }]);
      expect(again.body.detail).toContain(`send "customer_id": "${customer}"`);
      const { customer: _, ...terms } = mortgageFor(email);
      const asTold = await call('POST', '/sagas/mortgage-origination', { ...terms, customer_id: customer });
      expect(asTold.status).toBe(202);
    }
  });

  test('stays when the address of the customer changes, and its next owner gets no access', async () => {
    const { email } = person();
    const customer = await customerWith(email);
    const account = await access.as('customer', { email });
    const later = person();
    expect((await operator.call('PUT', `/customers/${customer}`, later)).status).toBe(200);
    expect(await sees(account, customer)).toBe(true);
    const newcomer = await access.as('customer', { email: later.email });
    expect(await sees(newcomer, customer)).toBe(false);
    expect([await linkOf(account), await linkOf(newcomer)]).toEqual([customer, null]);
  });

  test('belongs to one account: another account with its old address gets nothing', async () => {
    const { email } = person();
    const customer = await customerWith(email);
    const first = await access.as('customer', { email });
    await rename(first, person().email);
    const second = await access.as('customer', { email });
    expect([await sees(first, customer), await sees(second, customer)]).toEqual([true, false]);
    const origination = await second.call('POST', '/sagas/mortgage-origination', {
      ...mortgageFor(''),
      customer: undefined,
      customer_id: customer,
    });
    expect(origination.status).toBe(404);
    const inItsName = await second.call('POST', '/sagas/mortgage-origination', mortgageFor(email));
    expect(inItsName.status).toBe(403);
    expect(JSON.stringify(inItsName.body)).not.toContain(customer);
    expect([await linkOf(first), await linkOf(second)]).toEqual([customer, null]);
  });

  test('to a customer that is gone is dropped, also where the next one is linked to another account', async () => {
    const [first, second] = [await access.as('customer'), await access.as('customer')];
    const gone = await customerWith(first.email);
    expect(await sees(first, gone)).toBe(true);
    const taken = await customerWith(second.email);
    expect(await sees(second, taken)).toBe(true);
    expect((await operator.call('DELETE', `/customers/${gone}`)).status).toBe(204);
    expect(
      (await operator.call('PUT', `/customers/${taken}`, { name: 'Ada', email: first.email })).status,
    ).toBe(200);
    expect(await sees(first, taken)).toBe(false);
    expect([await linkOf(first), await linkOf(second)]).toEqual([null, taken]);
  });

  test('is made once, also when twenty accounts want the customer at once', async () => {
    const registry = openDatabase(access.system.databases.unwind, { max: 20 });
    const customer = crypto.randomUUID();
    const accounts = await Promise.all(Array.from({ length: 20 }, () => access.as('customer')));
    const answers = await Promise.all(
      accounts.map(({ id, email }) =>
        linkCustomer(registry, { id, email, role: 'customer', customer_id: null }, customer),
      ),
    );
    expect(answers.filter((answer) => answer !== null)).toEqual([customer]);
    expect(
      await access.system.sql.unwind`select count(*)::int from account where customer_id = ${customer}`,
    ).toEqual([{ count: 1 }]);
    await registry.end();
  });

  test('is the same for ten requests of one account at once', async () => {
    const account = await access.as('customer');
    const customer = await customerWith(account.email);
    const answers = await Promise.all(Array.from({ length: 10 }, () => sees(account, customer)));
    expect(answers).toEqual(Array(10).fill(true));
    expect(await linkOf(account)).toBe(customer);
  });

  test('is not made for an account whose address has changed since it was read', async () => {
    const registry = openDatabase(access.system.databases.unwind);
    const account = await access.as('customer');
    const read = { id: account.id, email: account.email, role: 'customer', customer_id: null } as const;
    await rename(account, person().email);
    expect(await linkCustomer(registry, read, crypto.randomUUID())).toBeNull();
    expect(await linkOf(account)).toBeNull();
    await registry.end();
  });
});

test('a customer may start a second saga while the first one registers them', async () => {
  const account = await access.as('customer');
  const connect = () => postgres(access.system.databases.customer, { max: 1 });
  const [before, registration] = [connect(), connect()];
  const untilWaiting = (count: number) =>
    expect
      .poll(
        () => access.system.sql.customer`
        select 1 from pg_locks where relation = 'customer'::regclass and not granted`,
        { interval: 10 },
      )
      .toHaveLength(count);
  // Postgres grants locks in turn: the first look-up is over before, and any later one sees, the registration.
  await before`begin`;
  await before`lock table customer`;
  const second = account.call('POST', '/sagas/mortgage-origination', mortgageFor(account.email));
  await untilWaiting(1);
  const registered = registration.begin(async (tx) => {
    await tx`lock table customer`;
    await tx`insert into customer (id, name, email) values (${crypto.randomUUID()}, 'Ada', ${account.email})`;
  });
  await untilWaiting(2);
  await before`commit`;
  await registered;
  expect((await second).status).toBe(202);
  await Promise.all([before.end(), registration.end()]);
});
