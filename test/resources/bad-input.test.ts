import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  answerOf,
  created,
  expectProblem,
  lent,
  listen,
  person,
  type Send,
  sender,
  terms,
} from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let send: Send;
/** The paths that have an id are those of rows that exist. */
const pathOf = new Map<string, string>();
/** What was stored when the last test looked. */
let stored: unknown;

beforeAll(async () => {
  system = await startSystem();
  send = sender(system.app.request);
  for (const [path, body] of Object.entries({
    '/customers': person(),
    '/applications': terms(),
    '/loans': lent(),
  }))
    pathOf.set(`${path}/{id}`, `${path}/${(await created(send, path, body)).id}`);
  stored = await everything();
});
afterAll(() => system.end());

/** Everything that requests could store. */
async function everything() {
  const { customer, mortgage, loan, unwind } = system.sql;
  return Promise.all([
    customer`select * from customer order by id`,
    customer`select * from saga_step order by saga_id`,
    mortgage`select * from application order by id`,
    mortgage`select * from saga_step order by saga_id`,
    loan`select * from loan order by id`,
    loan`select * from payment order by id`,
    loan`select * from ledger_entry order by id`,
    loan`select * from saga_step order by saga_id`,
    unwind`select * from saga order by id`,
  ]);
}
const infinite = '1e309';
/** JSON with numbers that only a text can hold. */
const write = (body: object) => JSON.stringify(body).replaceAll(`"${infinite}"`, infinite);

const wrong = {
  text: [7, null, [], {}, '', ' ', 'A\0', 'A\ud800', 'x'.repeat(201)],
  email: [7, null, 'ada', 'ada@', 'ada @example.com', 'a\0@example.com', 'a\udc00@example.com'],
  id: [7, null, {}, '7', 'x'.repeat(36), '\0', '11111111-1111-1111-1111-11111111111'],
  amount: [
    null,
    true,
    [],
    {},
    '',
    'x',
    'NaN',
    '1e3',
    ' 1',
    '1,00',
    -1,
    '-1',
    0,
    '0.00',
    0.001,
    1.005,
    '1.005',
  ],
  tooMuch: [infinite, 1e12 + 0.01, '1000000000000.01', 1e21, '9'.repeat(400)],
  rate: [null, true, 'x', -0.001, 100.001, 3.1234, '3.1234', infinite],
  years: [null, true, '30', 0, -1, 1.5, 41, infinite],
  status: [7, {}, 'nonsense', 'ACTIVE', 'A\0', 'A\ud800'],
  moment: [
    7,
    {},
    'yesterday',
    '2024-01-15',
    '2024-01-15T10:30:00',
    '2024-01-15T10:30:00+25:00',
    '2024-02-30T00:00:00Z',
    '10000-01-01T00:00:00Z',
    '0000-12-31T00:00:00Z',
    '\0',
  ],
};
const amount = [...wrong.amount, ...wrong.tooMuch];
/** Null is absent, and nothing may be owed. */
const optionalAmount = amount.filter((value) => value !== null && value !== 0 && value !== '0.00');

const anId = crypto.randomUUID();
const application = {
  fields: {
    customer_id: wrong.id,
    loan_amount: amount,
    property_value: amount,
    interest_rate: wrong.rate,
    term_years: wrong.years,
    status: wrong.status,
  },
  body: terms(anId),
};
const loan = {
  fields: {
    customer_id: wrong.id,
    mortgage_id: wrong.id,
    loan_amount: amount,
    interest_rate: wrong.rate,
    term_years: wrong.years,
    monthly_payment: optionalAmount,
    outstanding_balance: optionalAmount,
    status: wrong.status,
    start_date: wrong.moment,
    maturity_date: wrong.moment,
  },
  body: lent(anId),
};
const customer = { fields: { name: wrong.text, email: wrong.email }, body: person() };
const payment = {
  fields: {
    loan_id: wrong.id,
    customer_id: wrong.id.filter((value) => value !== null),
    payment_amount: amount,
    principal_amount: optionalAmount,
    interest_amount: optionalAmount,
    payment_date: wrong.moment,
    payment_type: wrong.status,
  },
  body: { loan_id: anId, payment_amount: 1 },
};
const calls: { call: string; fields: Record<string, unknown[]>; body: object }[] = [
  { call: 'POST /customers', ...customer },
  { call: 'PUT /customers/{id}', ...customer },
  { call: 'POST /applications', ...application },
  { call: 'PUT /applications/{id}', ...application },
  { call: 'POST /loans', ...loan },
  { call: 'PUT /loans/{id}', ...loan },
  { call: 'POST /payments', ...payment },
];
const targetOf = (call: string) => {
  const [method = '', path = ''] = call.split(' ');
  return { method, path: pathOf.get(path) ?? path };
};
const sendTo = (call: string, body: string) => {
  const { method, path } = targetOf(call);
  return send(method, path, body);
};

async function expectRefused(call: string, answer: Answer, status: number) {
  expectProblem(answer, status, targetOf(call).path);
  const before = stored;
  stored = await everything();
  expect(stored).toEqual(before);
}

describe.each(calls)('$call', ({ call, fields, body }) => {
  const cases = Object.entries(fields).flatMap(([field, values]) =>
    values.map((value) => ({ field, value, shown: `${JSON.stringify(value)}`.slice(0, 40) })),
  );
  test.each(cases)('with $field $shown is 422 and names the field', async ({ field, value }) => {
    const answer = await sendTo(call, write({ ...body, [field]: value }));
    await expectRefused(call, answer, 422);
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toContain(`/${field}`);
    expect(answer.body.detail).toContain(field);
  });

  test.each(Object.keys(body).filter((field) => field in fields))(
    'without %s is 422 and names the field',
    async (field) => {
      const answer = await sendTo(call, write({ ...body, [field]: undefined }));
      await expectRefused(call, answer, 422);
      expect(answer.body.errors).toMatchObject([{ pointer: `/${field}` }]);
    },
  );

  test.each(['[]', '"x"', '7', 'true', 'null'])('with %s for a body is 422', async (text) => {
    const answer = await sendTo(call, text);
    await expectRefused(call, answer, 422);
    expect(answer.body.errors).toMatchObject([{ pointer: '' }]);
  });

  test.each(['', '{', '{"a":}', 'NaN', "{'a':1}", 'name=Ada'])('with %s is 400: no JSON', async (text) => {
    await expectRefused(call, await sendTo(call, text), 400);
  });

  test('in bytes that are no UTF-8 is 400', async () => {
    const { method, path } = targetOf(call);
    const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    await expectRefused(call, await answerOf(await system.app.request(path, { method, body: bytes })), 400);
  });

  const long = `${JSON.stringify(body)}${' '.repeat(64 * 1024)}`;

  test('with more than 64 KiB is 413', async () => {
    await expectRefused(call, await sendTo(call, long), 413);
  });

  test('with more than 64 KiB in chunks is 413', async () => {
    const { method, path } = targetOf(call);
    const chunks = new Blob([long]).stream();
    const request = new Request(`http://localhost${path}`, { method, body: chunks, duplex: 'half' });
    expect(request.headers.has('content-length')).toBe(false);
    await expectRefused(call, await answerOf(await system.app.request(request)), 413);
  });

  test('with exactly 64 KiB is read', async () => {
    await expectRefused(call, await sendTo(call, '{}'.padEnd(64 * 1024)), 422);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense', undefined])(
    'with content type %s is read all the same',
    async (type) => {
      const { method, path } = targetOf(call);
      const answer = await send(method, path, '{}', type === undefined ? {} : { 'content-type': type });
      await expectRefused(call, answer, 422);
    },
  );
});

describe('over a connection', () => {
  test('a body over 64 KiB is 413, in chunks too, and the server goes on', async () => {
    const server = await listen(system.app);
    const long = 'x'.repeat(2 ** 20);
    const post = (init: RequestInit) => fetch(`${server.url}/customers`, { method: 'POST', ...init });
    expectProblem(await answerOf(await post({ body: long })), 413, '/customers');
    const chunks = new Blob([long]).stream();
    expectProblem(await answerOf(await post({ body: chunks, duplex: 'half' })), 413, '/customers');
    expect((await server.send('GET', '/customers')).status).toBe(200);
    await server.close();
  });
});

test('a split that does not add up is 422', async () => {
  const split = { principal_amount: 0.5, interest_amount: 0.4 };
  const answer = await send('POST', '/payments', { ...payment.body, ...split });
  await expectRefused('POST /payments', answer, 422);
  expect(answer.body.errors).toMatchObject([{ pointer: '/principal_amount' }]);
});

const templates = [
  '/customers/{id}',
  '/applications/{id}',
  '/loans/{id}',
  '/loans/{id}/schedule',
  '/loans/{id}/payments',
  '/payments/{id}',
  '/mortgages/{id}/loan',
  '/customers/{id}/applications',
  '/customers/{id}/loans',
  '/customers/{id}/payments',
];
const isResource = (path: string) => /^\/(customers|applications|loans)\/\{id\}$/.test(path);
const withId = templates.flatMap((path) =>
  (isResource(path) ? ['GET', 'PUT', 'DELETE'] : ['GET']).map((method) => ({ method, path })),
);
const bodies = [customer, application, loan].map(({ body }) => body);
const bodyFor = ({ method, path }: { method: string; path: string }) =>
  method === 'PUT' ? bodies[['/customers', '/applications', '/loans'].indexOf(path.slice(0, -5))] : undefined;

describe.each(withId)('$method $path', ({ method, path }) => {
  test.each(['7', 'x', '%00', '%F0%9F%92%A3', "1'or'1", `${anId}0`, anId.replaceAll('-', '')])(
    'with id %s is 400',
    async (id) => {
      const target = path.replace('{id}', id);
      const answer = await send(method, target, bodyFor({ method, path }));
      expectProblem(answer, 400, answer.body.instance);
      expect(answer.body.detail).toContain('must be a UUID');
    },
  );
});

const isOne = ({ path }: { path: string }) => !/\/(applications|loans|payments)$/.test(path);
test.each(withId.filter(isOne))(
  '$method $path with an unknown id is 404, and stores nothing',
  async (one) => {
    const target = one.path.replace('{id}', anId);
    await expectRefused(`${one.method} ${target}`, await send(one.method, target, bodyFor(one)), 404);
  },
);

test('a payment on an unknown loan is 404 and takes no money', async () => {
  expectProblem(await send('POST', '/payments', payment.body), 404, '/payments');
  expect(await system.sql.loan`select 1 from payment`).toEqual([]);
});

test.each([
  ['PATCH', '/customers', 'POST, GET, HEAD'],
  ['DELETE', '/customers', 'POST, GET, HEAD'],
  ['POST', `/customers/${anId}`, 'GET, HEAD, PUT, DELETE'],
  ['GET', '/applications', 'POST'],
  ['PATCH', `/applications/${anId}`, 'GET, HEAD, PUT, DELETE'],
  ['GET', '/loans', 'POST'],
  ['POST', `/loans/${anId}`, 'GET, HEAD, PUT, DELETE'],
  ['PUT', `/loans/${anId}/schedule`, 'GET, HEAD'],
  ['GET', '/payments', 'POST'],
  ['PUT', `/payments/${anId}`, 'GET, HEAD'],
  ['DELETE', `/payments/${anId}`, 'GET, HEAD'],
  ['POST', `/customers/${anId}/loans`, 'GET, HEAD'],
])('%s %s is 405 and Allow says %s', async (method, path, allow) => {
  const answer = await send(method, path);
  expectProblem(answer, 405, path);
  expect(answer.headers.get('allow')).toBe(allow);
});
