import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { originate } from '../support/originations.ts';
import { created, lent, moment, type Send, sender, uuid } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let send: Send;
beforeAll(async () => {
  system = await startSystem();
  send = sender(system.app.request);
});
afterAll(() => system.end());

const create = (more: object = {}) => created(send, '/loans', { ...lent(), ...more });

describe('a new loan', () => {
  test('is 201 with the row, absent fields computed, and its Location', async () => {
    const body = lent();
    const answer = await send('POST', '/loans', body);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: uuid,
      ...body,
      monthly_payment: 2_176.03,
      outstanding_balance: 500_000,
      status: 'active',
      start_date: moment,
      maturity_date: moment,
      created_at: moment,
      modified_at: moment,
    });
    expect(answer.headers.get('location')).toBe(`/loans/${answer.body.id}`);
  });

  test('starts now, unless the body gives a date, and is due in term_years', async () => {
    const before = Date.now();
    const { start_date, maturity_date } = await create({ start_date: null, term_years: 28 });
    expect(Date.parse(start_date)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(start_date)).toBeLessThanOrEqual(Date.now());
    expect(Number(maturity_date.slice(0, 4))).toBe(Number(start_date.slice(0, 4)) + 28);
    expect(maturity_date.slice(4)).toBe(start_date.slice(4));
  });

  test('that starts on 29 February is due on the 28th where there is no 29th', async () => {
    const row = await create({ start_date: '2024-02-29T12:00:00Z', term_years: 1 });
    expect(row.maturity_date).toBe('2025-02-28T12:00:00.000Z');
  });

  test('is stored as it is given', async () => {
    const given = {
      ...lent(),
      monthly_payment: 2_176,
      outstanding_balance: 495_000.5,
      status: 'defaulted',
      start_date: '2025-01-01T00:00:00.000Z',
      maturity_date: '2055-01-01T00:00:00.000Z',
    };
    const row = await created(send, '/loans', given);
    expect(row).toMatchObject(given);
    expect(
      await system.sql.loan`
      select loan_amount, interest_rate, monthly_payment, outstanding_balance from loan where id = ${row.id}`,
    ).toEqual([
      {
        loan_amount: '50000000',
        interest_rate: 3250,
        monthly_payment: '217600',
        outstanding_balance: '49500050',
      },
    ]);
  });

  test.each([
    ['active', 500_000],
    ['defaulted', 500_000],
    ['booked', 0],
    ['paid_off', 0],
    ['cancelled', 0],
  ])('that is %s owes %d, unless the body says otherwise', async (status, outstanding_balance) => {
    expect(await create({ status })).toMatchObject({ status, outstanding_balance });
  });

  test('pays the same each month without interest', async () => {
    expect((await create({ interest_rate: 0, loan_amount: 3_600 })).monthly_payment).toBe(10);
  });

  test.each(['paid_off', 'cancelled'])('that is %s and still owes something is 422', async (status) => {
    const body = { ...lent(), status, outstanding_balance: 0.01 };
    const answer = await send('POST', '/loans', body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, '/outstanding_balance']);
    expect((await send('GET', `/customers/${body.customer_id}/loans`)).body).toEqual([]);
  });

  test('in year 9999 has dates that can be read', async () => {
    const row = await create({ start_date: '9999-12-31T23:59:59Z' });
    expect(row.maturity_date).toBe('9999-12-31T23:59:59.999Z');
    const { status, body } = await send('GET', `/loans/${row.id}/schedule`);
    expect([status, body.at(-1)?.due_date]).toEqual([200, '9999-12-31T23:59:59.999Z']);
  });

  test('has its own id and timestamps, whatever the body contains, and no unknown field', async () => {
    const echoed = { id: crypto.randomUUID(), created_at: 'long ago', modified_at: 7, colour: 'red' };
    const row = await create(echoed);
    expect(row.id).not.toBe(echoed.id);
    expect(row).not.toHaveProperty('colour');
    expect(row).toMatchObject({ created_at: moment, modified_at: moment });
  });

  test('sent twenty times at once with one key is one row, one opening and one response', async () => {
    const [key, body] = [crypto.randomUUID(), lent()];
    const post = () => send('POST', '/loans', body, { 'idempotency-key': key });
    const answers = await Promise.all(Array.from({ length: 20 }, post));
    const row = answers[0]?.body;
    const distinct = new Set(answers.map(({ status, body }) => JSON.stringify([status, body])));
    expect([...distinct]).toEqual([JSON.stringify([201, row])]);
    expect((await send('GET', `/customers/${body.customer_id}/loans`)).body).toEqual([row]);
    expect(await system.sql.loan`select 1 from ledger_entry where loan_id = ${row.id}`).toHaveLength(2);
  });

  test('with a key that another had is 422, and not stored', async () => {
    const [headers, body] = [{ 'idempotency-key': crypto.randomUUID() }, lent()];
    await send('POST', '/loans', lent(), headers);
    expect((await send('POST', '/loans', body, headers)).status).toBe(422);
    expect((await send('GET', `/customers/${body.customer_id}/loans`)).body).toEqual([]);
  });
});

describe('a loan', () => {
  test('is read by its id', async () => {
    const row = await create();
    expect(await send('GET', `/loans/${row.id}`)).toMatchObject({ status: 200, body: row });
  });

  test('is found by its customer, newest first', async () => {
    const customer_id = crypto.randomUUID();
    const first = await create({ customer_id });
    await create();
    const second = await create({ customer_id });
    expect((await send('GET', `/customers/${customer_id}/loans`)).body).toEqual([second, first]);
  });

  test('is found by its mortgage, the newest where there are several', async () => {
    const mortgage_id = crypto.randomUUID();
    await create({ mortgage_id });
    const newest = await create({ mortgage_id });
    expect(await send('GET', `/mortgages/${mortgage_id}/loan`)).toMatchObject({ status: 200, body: newest });
  });

  test('that does not exist is 404, and an empty list for its customer', async () => {
    const nobody = crypto.randomUUID();
    for (const path of [`/loans/${nobody}`, `/loans/${nobody}/schedule`, `/mortgages/${nobody}/loan`])
      expect((await send('GET', path)).status).toBe(404);
    for (const method of ['PUT', 'DELETE'])
      expect((await send(method, `/loans/${nobody}`, method === 'PUT' ? lent() : undefined)).status).toBe(
        404,
      );
    expect(await send('GET', `/customers/${nobody}/loans`)).toMatchObject({ status: 200, body: [] });
  });

  test('is replaced by PUT, which returns the new row', async () => {
    const row = await create();
    const other = { ...row, ...lent(), loan_amount: 400_000, interest_rate: 4, term_years: 25 };
    const { status, body } = await send('PUT', `/loans/${row.id}`, { ...other, monthly_payment: 2_111 });
    expect(status).toBe(200);
    expect(body).toEqual({ ...other, monthly_payment: 2_111, modified_at: moment });
    expect((await send('GET', `/loans/${row.id}`)).body).toEqual(body);
    expect(
      await system.sql.loan`select 1 from loan where id = ${row.id} and modified_at > created_at`,
    ).toHaveLength(1);
  });

  test('keeps its status, balance and dates when PUT does not give them, and its payment is computed again', async () => {
    const row = await create({ status: 'defaulted', outstanding_balance: 7, monthly_payment: 2_176 });
    const { body } = await send('PUT', `/loans/${row.id}`, lent());
    const { status, outstanding_balance, start_date, maturity_date } = row;
    expect(body).toMatchObject({ status, outstanding_balance, start_date, maturity_date });
    expect(body.monthly_payment).toBe(2_176.03);
  });
});

describe('the maturity of a loan', () => {
  const dates = { start_date: '2024-02-29T12:00:00.000Z', maturity_date: '2050-01-01T00:00:00.000Z' };
  const put = async (change: object) => {
    const row = await create(dates);
    const { customer_id, mortgage_id } = row;
    const body = { ...lent(customer_id), mortgage_id, ...change };
    expect((await send('PUT', `/loans/${row.id}`, body)).status).toBe(200);
    return (await send('GET', `/loans/${row.id}`)).body;
  };

  test('is computed again when PUT gives another term or start', async () => {
    expect(await put({ term_years: 1 })).toMatchObject({
      ...dates,
      maturity_date: '2025-02-28T12:00:00.000Z',
    });
    expect((await put({ start_date: '2025-03-01T00:00:00Z' })).maturity_date).toBe(
      '2055-03-01T00:00:00.000Z',
    );
  });

  test('stays when PUT gives neither, or the same, and is what PUT gives', async () => {
    expect(await put({})).toMatchObject(dates);
    expect(await put({ start_date: dates.start_date })).toMatchObject(dates);
    const maturity_date = '2031-05-01T00:00:00.000Z';
    expect(await put({ term_years: 7, maturity_date })).toMatchObject({ ...dates, maturity_date });
  });
});

describe('the status of a loan', () => {
  const statuses = ['booked', 'active', 'defaulted', 'paid_off', 'cancelled'];
  const usual = [
    'booked → active',
    'booked → cancelled',
    'active → paid_off',
    'active → defaulted',
    'active → cancelled',
    'defaulted → active',
    'defaulted → paid_off',
  ];
  const pairs = statuses.flatMap((from) => statuses.map((to) => ({ from, to })));
  const isUsual = ({ from, to }: (typeof pairs)[number]) => from === to || usual.includes(`${from} → ${to}`);
  const put = async ({ from, to }: { from: string; to: string }) => {
    const row = await create({ status: from, outstanding_balance: 0 });
    return { row, ...(await send('PUT', `/loans/${row.id}`, { ...row, status: to })) };
  };

  test.each(pairs.filter(isUsual))('may be $to after $from', async (pair) => {
    const { row, status, body } = await put(pair);
    expect([status, body.status]).toEqual([200, pair.to]);
    expect((await send('GET', `/loans/${row.id}`)).body).toEqual(body);
  });

  test.each(pairs.filter((pair) => !isUsual(pair)))(
    'cannot be $to after $from: 409 with what it is',
    async (pair) => {
      const { row, status, body } = await put(pair);
      expect([status, body.state]).toEqual([409, pair.from]);
      expect((await send('GET', `/loans/${row.id}`)).body).toEqual(row);
    },
  );

  test('is active from now on where PUT activates what a saga has booked, and due in term_years', async () => {
    const { id } = await create({ status: 'booked', outstanding_balance: 0, term_years: 28 });
    await system.sql.loan`update loan set start_date = null, maturity_date = null where id = ${id}`;
    const booked = (await send('GET', `/loans/${id}`)).body;
    const before = Date.now();
    const { body } = await send('PUT', `/loans/${id}`, { ...booked, status: 'active' });
    const { start_date, maturity_date } = body;
    expect(body.status).toBe('active');
    expect(Date.parse(start_date)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(start_date)).toBeLessThanOrEqual(Date.now());
    expect(maturity_date).toBe(`${Number(start_date.slice(0, 4)) + 28}${start_date.slice(4)}`);
    const schedule = (await send('GET', `/loans/${id}/schedule`)).body;
    expect(schedule[0].due_date).toEqual(moment);
  });

  test('cannot be paid_off while something is owed: 409', async () => {
    const row = await create();
    const { status, body } = await send('PUT', `/loans/${row.id}`, { ...row, status: 'paid_off' });
    expect([status, body.state]).toEqual([409, 'active']);
    expect((await send('GET', `/loans/${row.id}`)).body).toEqual(row);
  });
});

describe('a loan that a running saga holds', () => {
  test.each(['PUT', 'DELETE'])('is left alone by %s: 409 with the saga', async (method) => {
    const saga = await originate(system, [{ step: 'disburse-funds', op: 'do', at: 'before', do: 'error' }]);
    const held = () => system.sql.loan`select id from loan where held_by = ${saga}`;
    await expect.poll(held, { timeout: 20_000 }).toHaveLength(1);
    const path = `/loans/${(await held())[0]?.['id']}`;
    const before = await send('GET', path);
    expect(before.body).toMatchObject({ status: 'booked', start_date: null, maturity_date: null });
    const { status, body } = await send(method, path, method === 'PUT' ? lent() : undefined);
    expect([status, body.saga_id]).toEqual([409, saga]);
    expect((await send('GET', path)).body).toEqual(before.body);
  });
});
