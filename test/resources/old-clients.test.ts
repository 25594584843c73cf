import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entriesOf, listen, moment, person, uuid } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

// Requests as the clients of the replaced Go services write them, each service on a port of its own.
type Served = Awaited<ReturnType<typeof listen>>;
let system: System;
let customers: Served;
let mortgages: Served;
let loans: Served;
beforeAll(async () => {
  system = await startSystem();
  customers = await listen(system.service('customer'));
  mortgages = await listen(system.service('mortgage'));
  loans = await listen(system.service('loan'));
});
afterAll(async () => {
  await Promise.all([customers, mortgages, loans].map((served) => served?.close()));
  await system.end();
});

const json = { 'content-type': 'application/json' };
/** Known to no service, and of no version or variant that RFC 9562 knows. */
const nobody = '11111111-1111-1111-1111-111111111111';
const zeroTime = '0001-01-01T00:00:00Z';
/** How Go writes an id that was not set. */
const zeroId = '00000000-0000-0000-0000-000000000000';

const application = (more = '') =>
  `{"customer_id":"${nobody}","loan_amount":500000.00,"property_value":650000.00,"interest_rate":3.25,"term_years":30${more}}`;
const loan = (more = '"outstanding_balance":500000.00') =>
  `{"customer_id":"${nobody}","mortgage_id":"${nobody}","loan_amount":500000.00,"interest_rate":3.25,"term_years":30,
    "monthly_payment":2176.00,"start_date":"2025-01-01T00:00:00Z","maturity_date":"2055-01-01T00:00:00Z",${more}}`;
async function lend(more?: string) {
  const { status, body } = await loans.send('POST', '/loans', loan(more), json);
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}
const pay = (loan: { id: string }, fields: string) =>
  loans.send('POST', '/payments', `{"loan_id":"${loan.id}","customer_id":"${nobody}",${fields}}`, json);

test('the old saga runs with its amounts of 1, and its compensations', async () => {
  const customer = await customers.send('POST', '/customers', person(), json);
  expect(customer.status).toBe(201);
  const customer_id = customer.body.id;
  const terms = { customer_id, loan_amount: 1, interest_rate: 1, term_years: 1 };
  const mortgage = await mortgages.send('POST', '/applications', { ...terms, property_value: 1 }, json);
  expect(mortgage).toMatchObject({ status: 201, body: { ...terms, status: 'pending' } });
  const servicing = {
    ...terms,
    mortgage_id: mortgage.body.id,
    monthly_payment: 100,
    outstanding_balance: 1,
    start_date: '2024-01-15T10:30:00.123456789+02:00',
    maturity_date: '2025-01-15T10:30:00.12345+02:00',
  };
  const exported = await loans.send('POST', '/loans', servicing, json);
  expect(exported.status).toBe(201);
  expect(exported.body).toEqual({
    ...servicing,
    id: uuid,
    status: 'active',
    start_date: '2024-01-15T08:30:00.123Z',
    maturity_date: '2025-01-15T08:30:00.123Z',
    created_at: moment,
    modified_at: moment,
  });

  expect((await loans.send('DELETE', `/loans/${exported.body.id}`)).status).toBe(204);
  expect((await mortgages.send('DELETE', `/applications/${mortgage.body.id}`)).status).toBe(204);
  expect((await customers.send('DELETE', `/customers/${customer_id}`)).status).toBe(204);
  expect((await customers.send('GET', `/customers/${customer_id}`, undefined)).status).toBe(404);
});

test('the old saga, run again, stores nothing for the customer whom it did not get', async () => {
  const { email } = person();
  const customer = { name: 'John Doe', email };
  expect((await customers.send('POST', '/customers', customer, json)).status).toBe(201);
  expect((await customers.send('POST', '/customers', customer, json)).status).toBe(409);
  const mortgage = application().replace(nobody, zeroId);
  expect(await mortgages.send('POST', '/applications', mortgage, json)).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/customer_id' }] },
  });
  expect(await loans.send('POST', '/loans', loan().replaceAll(nobody, zeroId), json)).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/customer_id' }] },
  });
  expect(await system.sql.mortgage`select 1 from application where customer_id = ${zeroId}`).toEqual([]);
  expect(await system.sql.loan`select 1 from loan where customer_id = ${zeroId}`).toEqual([]);
});

describe('an application of an old client', () => {
  test('takes amounts with and without decimals, as numbers and as texts', async () => {
    for (const amount of ['500000.00', '500000', '5e5', '"500000.00"', '"500000"']) {
      const text = application().replace('500000.00', amount);
      const { status, body } = await mortgages.send('POST', '/applications', text, json);
      expect([amount, status, body.loan_amount]).toEqual([amount, 201, 500_000]);
    }
  });

  test('is approved by a PUT with all of its fields', async () => {
    const { body } = await mortgages.send('POST', '/applications', application(), json);
    const text = application(',"status":"approved"');
    const put = await mortgages.send('PUT', `/applications/${body.id}`, text, json);
    expect(put).toMatchObject({ status: 200, body: { status: 'approved', customer_id: nobody } });
    const list = await mortgages.send('GET', `/customers/${nobody}/applications`, undefined, json);
    expect(list.body[0]).toEqual(put.body);
  });

  test('without a status, or with an empty one as Go writes it, is pending', async () => {
    for (const more of ['', ',"status":""']) {
      const { status, body } = await mortgages.send('POST', '/applications', application(more), json);
      expect([status, body.status]).toEqual([201, 'pending']);
    }
  });
});

describe('a loan of an old client', () => {
  test('keeps the monthly payment that it was given', async () => {
    expect(await lend()).toMatchObject({
      monthly_payment: 2_176,
      outstanding_balance: 500_000,
      status: 'active',
      start_date: '2025-01-01T00:00:00.000Z',
      maturity_date: '2055-01-01T00:00:00.000Z',
    });
  });

  test('at 4 % over 25 years keeps its 2111.00', async () => {
    const text = loan().replace('500000.00', '400000.00').replace('3.25', '4.0').replace('30', '25');
    const { body } = await loans.send('POST', '/loans', text.replace('2176', '2111'), json);
    expect(body).toMatchObject({ loan_amount: 400_000, interest_rate: 4, monthly_payment: 2_111 });
  });

  test('with an empty status as Go writes it is active', async () => {
    expect((await lend('"status":"","outstanding_balance":1')).status).toBe('active');
  });

  test("holds Go's zero time, which comes back as it went in", async () => {
    const row = await lend(`"id":"${nobody}","created_at":"${zeroTime}","modified_at":"${zeroTime}"`);
    const zero = { ...row, start_date: zeroTime, maturity_date: zeroTime };
    const { status, body } = await loans.send('PUT', `/loans/${row.id}`, zero, json);
    const stored = '0001-01-01T00:00:00.000Z';
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: row.id, start_date: stored, maturity_date: stored });
    const read = await loans.send('GET', `/loans/${row.id}`, undefined, json);
    expect(read.body).toEqual(body);
    expect(Date.parse(read.body.created_at)).toBeGreaterThan(Date.parse('2024-01-01'));
    const schedule = await loans.send('GET', `/loans/${row.id}/schedule`);
    expect(schedule.body[0]).toMatchObject({ due_date: '0001-02-01T00:00:00.000Z' });
  });

  test('is left as it is by a PUT of the whole row, however often', async () => {
    const row = await lend('"outstanding_balance":495000.00');
    for (let again = 0; again < 2; again++) {
      const { status, body } = await loans.send('PUT', `/loans/${row.id}`, row, json);
      expect([status, body]).toEqual([200, { ...row, modified_at: moment }]);
    }
    expect(await entriesOf(system, row)).toHaveLength(2);
  });

  test('owes what a PUT gives, and is paid off by one', async () => {
    const row = await lend();
    const put = (more: string) => loans.send('PUT', `/loans/${row.id}`, loan(more), json);
    expect((await put('"outstanding_balance":495000.00,"status":"active"')).body).toMatchObject({
      outstanding_balance: 495_000,
      status: 'active',
    });
    expect((await put('"outstanding_balance":0.00,"status":"paid_off"')).body).toMatchObject({
      outstanding_balance: 0,
      status: 'paid_off',
    });
  });

  test('is found by its mortgage and its customer, which no other service knows', async () => {
    const row = await lend();
    expect((await loans.send('GET', `/mortgages/${nobody}/loan`, undefined, json)).body).toEqual(row);
    expect((await loans.send('GET', `/customers/${nobody}/loans`, undefined, json)).body[0]).toEqual(row);
  });
});

describe('a payment of an old client', () => {
  test('is allocated by its split, and lowers the balance', async () => {
    const row = await lend();
    const { status, body } = await pay(
      row,
      `"payment_amount":2176.00,"principal_amount":821.67,"interest_amount":1354.33,
       "payment_date":"2025-02-01T00:00:00Z","payment_type":"regular"`,
    );
    expect(status).toBe(201);
    expect(body).toEqual({
      id: uuid,
      loan_id: row.id,
      customer_id: nobody,
      payment_amount: 2_176,
      principal_amount: 821.67,
      interest_amount: 1_354.33,
      payment_date: '2025-02-01T00:00:00.000Z',
      payment_type: 'regular',
      created_at: moment,
      modified_at: moment,
    });
    expect((await loans.send('GET', `/loans/${row.id}`)).body.outstanding_balance).toBe(499_178.33);
  });

  test('with an empty type as Go writes it is a regular one', async () => {
    const { status, body } = await pay(await lend(), '"payment_amount":1,"payment_type":""');
    expect([status, body.payment_type]).toEqual([201, 'regular']);
  });

  test('without a customer, as Go writes it, is one of the customer of the loan; without a loan it is 422', async () => {
    const row = await lend();
    const payment = { loan_id: row.id, customer_id: zeroId, payment_amount: 1 };
    expect(await loans.send('POST', '/payments', payment, json)).toMatchObject({
      status: 201,
      body: { customer_id: nobody },
    });
    expect(await loans.send('POST', '/payments', { ...payment, loan_id: zeroId }, json)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/loan_id' }] },
    });
  });

  test('with a split of 0 and 0, as Go writes unset fields, does not add up', async () => {
    const unset = '"payment_amount":2176.00,"principal_amount":0,"interest_amount":0';
    const { status, body } = await pay(await lend(), unset);
    expect(status).toBe(422);
    expect(body.errors).toEqual([
      { pointer: '/principal_amount', detail: expect.stringContaining('does not add up') },
    ]);
  });

  test('that pays the loan off, all of it principal, closes it', async () => {
    const row = await lend('"outstanding_balance":495000.00');
    const extra = '"payment_amount":5000.00,"principal_amount":5000.00,"interest_amount":0.00';
    expect((await pay(row, `${extra},"payment_type":"extra"`)).status).toBe(201);
    const payoff = '"payment_amount":490000.00,"principal_amount":490000.00,"interest_amount":0.00';
    expect((await pay(row, `${payoff},"payment_type":"payoff"`)).status).toBe(201);
    const { body } = await loans.send('GET', `/loans/${row.id}`);
    expect(body).toMatchObject({ outstanding_balance: 0, status: 'paid_off' });
    const list = await loans.send('GET', `/loans/${row.id}/payments`, undefined, json);
    expect(list.body.map((payment: { payment_type: string }) => payment.payment_type)).toEqual([
      'payoff',
      'extra',
    ]);
  });
});

test.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=UTF-8'])(
  'a body of content type %s is taken for the JSON that it is',
  async (type) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    const customer = await customers.send('POST', '/customers', person(), headers);
    const mortgage = await mortgages.send('POST', '/applications', application(), headers);
    const made = await loans.send('POST', '/loans', loan(), headers);
    expect([customer, mortgage, made].map(({ status }) => status)).toEqual([201, 201, 201]);
    const put = await customers.send('PUT', `/customers/${customer.body.id}`, customer.body, headers);
    expect(put).toMatchObject({ status: 200, body: { email: customer.body.email } });
  },
);

test('the lists of an unknown customer are empty, not null', async () => {
  const id = crypto.randomUUID();
  const lists = [
    mortgages.send('GET', `/customers/${id}/applications`),
    loans.send('GET', `/customers/${id}/loans`),
    loans.send('GET', `/customers/${id}/payments`),
    loans.send('GET', `/loans/${id}/payments`),
  ];
  expect((await Promise.all(lists)).map(({ status, body }) => [status, body])).toEqual(
    Array(4).fill([200, []]),
  );
});
