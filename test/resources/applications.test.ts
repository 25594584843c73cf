import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { originate } from '../support/originations.ts';
import { created, moment, type Send, sender, terms, uuid } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let send: Send;
beforeAll(async () => {
  system = await startSystem();
  send = sender(system.app.request);
});
afterAll(() => system.end());

const create = (more: object = {}) => created(send, '/applications', { ...terms(), ...more });
const stored = (id: string) =>
  system.sql.mortgage`select loan_amount, property_value, interest_rate, term_years, status
    from application where id = ${id}`;

describe('a new application', () => {
  test('is 201 with the row, pending, and its Location', async () => {
    const body = terms();
    const answer = await send('POST', '/applications', body);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: uuid,
      ...body,
      status: 'pending',
      created_at: moment,
      modified_at: moment,
    });
    expect(answer.headers.get('location')).toBe(`/applications/${answer.body.id}`);
  });

  test('is stored in cents and thousandths of a percent', async () => {
    const { id } = await create({ loan_amount: '0.01', property_value: 1e12, interest_rate: '3.125' });
    expect(await stored(id)).toEqual([
      {
        loan_amount: '1',
        property_value: '100000000000000',
        interest_rate: 3125,
        term_years: 30,
        status: 'pending',
      },
    ]);
  });

  test.each(['pending', 'approved', 'rejected', 'withdrawn', 'closed'])(
    'may be %s from the start',
    async (status) => {
      const row = await create({ status });
      expect(row.status).toBe(status);
      expect(await stored(row.id)).toMatchObject([{ status }]);
    },
  );

  test('may cost no interest', async () => {
    expect((await create({ interest_rate: 0 })).interest_rate).toBe(0);
  });

  test('takes null for absent', async () => {
    expect((await create({ status: null, id: null })).status).toBe('pending');
  });

  test('has its own id and timestamps, whatever the body contains, and no unknown field', async () => {
    const echoed = { id: crypto.randomUUID(), created_at: 'long ago', modified_at: 7, colour: 'red' };
    const row = await create(echoed);
    expect(row.id).not.toBe(echoed.id);
    expect(row).not.toHaveProperty('colour');
    expect(row).toMatchObject({ created_at: moment, modified_at: moment });
  });

  test('sent twenty times at once with one key is one row and one response', async () => {
    const [key, body] = [crypto.randomUUID(), terms()];
    const post = () => send('POST', '/applications', body, { 'idempotency-key': key });
    const answers = await Promise.all(Array.from({ length: 20 }, post));
    const distinct = new Set(answers.map(({ status, body }) => JSON.stringify([status, body])));
    expect([...distinct]).toEqual([JSON.stringify([201, answers[0]?.body])]);
    expect((await send('GET', `/customers/${body.customer_id}/applications`)).body).toEqual([
      answers[0]?.body,
    ]);
  });

  test('is the same with one key when its amounts are written in another way', async () => {
    const [headers, body] = [{ 'idempotency-key': crypto.randomUUID() }, terms()];
    const first = await send('POST', '/applications', body, headers);
    const again = await send('POST', '/applications', { ...body, loan_amount: '500000.00' }, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
  });

  test('with a key that another had is 422, and not stored', async () => {
    const [headers, body] = [{ 'idempotency-key': crypto.randomUUID() }, terms()];
    await send('POST', '/applications', terms(), headers);
    expect((await send('POST', '/applications', body, headers)).status).toBe(422);
    expect((await send('GET', `/customers/${body.customer_id}/applications`)).body).toEqual([]);
  });
});

describe('an application', () => {
  test('is read by its id', async () => {
    const row = await create();
    expect(await send('GET', `/applications/${row.id}`)).toMatchObject({ status: 200, body: row });
  });

  test('is replaced by PUT, which returns the new row', async () => {
    const row = await create();
    const other = { ...terms(), loan_amount: 400_000, interest_rate: 4, term_years: 25, status: 'approved' };
    const { status, body } = await send('PUT', `/applications/${row.id}`, { ...other, id: 'x' });
    expect(status).toBe(200);
    expect(body).toEqual({ ...row, ...other, modified_at: moment });
    expect((await send('GET', `/applications/${row.id}`)).body).toEqual(body);
    const later = system.sql.mortgage`
      select 1 from application where id = ${row.id} and modified_at > created_at`;
    expect(await later).toHaveLength(1);
  });

  test('keeps its status when PUT does not give one', async () => {
    const { id } = await create({ status: 'approved' });
    expect((await send('PUT', `/applications/${id}`, terms())).body.status).toBe('approved');
  });

  test('is gone after DELETE: 204 without a body, then 404', async () => {
    const { id } = await create();
    const { status, body } = await send('DELETE', `/applications/${id}`);
    expect([status, body]).toEqual([204, undefined]);
    expect(await stored(id)).toHaveLength(0);
    for (const method of ['GET', 'DELETE'])
      expect((await send(method, `/applications/${id}`)).status).toBe(404);
    expect((await send('PUT', `/applications/${id}`, terms())).status).toBe(404);
  });
});

describe('the applications of a customer', () => {
  test('are its own, newest first', async () => {
    const customer_id = crypto.randomUUID();
    const first = await create({ customer_id });
    await create();
    const second = await create({ customer_id });
    const { status, body } = await send('GET', `/customers/${customer_id}/applications`);
    expect([status, body]).toEqual([200, [second, first]]);
  });

  test('are an empty list, not null, for an unknown customer', async () => {
    const { status, body } = await send('GET', `/customers/${crypto.randomUUID()}/applications`);
    expect([status, body]).toEqual([200, []]);
  });
});

describe('the status of an application', () => {
  const statuses = ['pending', 'approved', 'rejected', 'withdrawn', 'closed'];
  const usual = [
    'pending → approved',
    'pending → rejected',
    'pending → withdrawn',
    'approved → withdrawn',
    'approved → closed',
  ];
  const pairs = statuses.flatMap((from) => statuses.map((to) => ({ from, to, change: `${from} → ${to}` })));
  const isUsual = ({ from, to, change }: (typeof pairs)[number]) => from === to || usual.includes(change);
  const put = async ({ from, to }: { from: string; to: string }) => {
    const row = await create({ status: from });
    return { row, ...(await send('PUT', `/applications/${row.id}`, { ...row, status: to })) };
  };

  test.each(pairs.filter(isUsual))('may be $to after $from', async (pair) => {
    const { row, status, body } = await put(pair);
    expect([status, body.status]).toEqual([200, pair.to]);
    expect(await stored(row.id)).toMatchObject([{ status: pair.to }]);
  });

  test.each(pairs.filter((pair) => !isUsual(pair)))(
    'cannot be $to after $from: 409 with what it is',
    async (pair) => {
      const { row, status, body } = await put(pair);
      expect([status, body.state]).toEqual([409, pair.from]);
      expect((await send('GET', `/applications/${row.id}`)).body).toEqual(row);
    },
  );
});

describe('an application that a running saga holds', () => {
  async function hold() {
    const saga = await originate(system, [], { annual_income: undefined });
    await system.untilState(saga, 'waiting');
    const [held] = await system.sql.mortgage`select id from application where held_by = ${saga}`;
    const path = `/applications/${held?.['id']}`;
    return { saga, path, row: (await send('GET', path)).body };
  }

  test.each(['PUT', 'DELETE'])('is left alone by %s: 409 with the saga', async (method) => {
    const { saga, path, row } = await hold();
    const { status, body } = await send(method, path, method === 'PUT' ? terms() : undefined);
    expect([status, body.saga_id]).toEqual([409, saga]);
    expect(await send('GET', path)).toMatchObject({ status: 200, body: row });
  });

  test('can be changed once the saga has ended', async () => {
    const { saga, path } = await hold();
    await system.command(saga, 'decision', { approved: true });
    await system.untilEnded(saga);
    const row = (await send('GET', path)).body;
    const { status, body } = await send('PUT', path, { ...row, status: 'closed' });
    expect([row.status, status, body.status]).toEqual(['approved', 200, 'closed']);
  });
});
