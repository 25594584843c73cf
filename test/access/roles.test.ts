import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Role, roles } from '../../src/services/account/resource.ts';
import { created, expectProblem, lent, person, terms } from '../support/resources.ts';
import {
  type Access,
  granted,
  mortgageFor,
  type Person,
  referredFor,
  startAccess,
  started,
  untilState,
} from './support.ts';

let access: Access;
let people: Record<Role, Person>;
/** What belongs to a customer who is none of these people. */
let theirs: Awaited<ReturnType<typeof granted>> & { mortgage: string; product: string };

beforeAll(async () => {
  access = await startAccess();
  const { as } = access;
  people = {
    customer: await as('customer'),
    underwriter: await as('underwriter'),
    operator: await as('operator'),
    admin: await as('admin'),
  };
  const { call } = people.admin;
  const pen = { name: 'pen', description: 'blue', brand_name: 'ming', price: 1, inventory: 1_000 };
  const { id: product } = await created(call, '/api/product', pen);
  const grant = await granted(people.admin, person().email);
  const { mortgage_id } = (await call('GET', `/loans/${grant.loan}`)).body;
  theirs = { ...grant, product, mortgage: mortgage_id };
}, 60_000);
afterAll(() => access.system.end());

interface Call {
  method: string;
  path: string;
  body?: unknown;
}
type Make = () => Call | Promise<Call>;

const get = (path: () => string) => (): Call => ({ method: 'GET', path: path() });
const post = (path: string, body: () => unknown) => (): Call => ({ method: 'POST', path, body: body() });
const admins = async (path: string, body: unknown): Promise<string> =>
  (await created(people.admin.call, path, body)).id;
const basket = () => ({
  purchase_items: [{ product_id: theirs.product, amount: 1 }],
  payment: { currency_code: 'EUR' },
});
/** Of a saga of the admin's that waits. */
const onWaiting = (action: string, body: object) => async (): Promise<Call> => {
  const id = await started(people.admin, 'mortgage-origination', referredFor(person().email));
  await untilState(people.admin, id, 'waiting');
  return { method: 'POST', path: `/sagas/${id}/${action}`, body: { reason: 'because', ...body } };
};
const paying = () => ({ loan_id: theirs.loan, payment_amount: 2_000 });

/** What customer, underwriter, operator and admin are answered. */
type Row = [name: string, make: Make, ...answers: [number, number, number, number]];
const reading: Row[] = [
  ['GET /sagas', get(() => '/sagas'), 200, 200, 200, 200],
  ['GET /sagas?state', get(() => '/sagas?state=completed'), 200, 200, 200, 200],
  ['GET /sagas/:id', get(() => `/sagas/${theirs.saga}`), 404, 200, 200, 200],
  ['GET /customers', get(() => '/customers'), 403, 200, 200, 200],
  ['GET /customers/:id', get(() => `/customers/${theirs.customer}`), 404, 200, 200, 200],
  ['its applications', get(() => `/customers/${theirs.customer}/applications`), 404, 200, 200, 200],
  ['its loans', get(() => `/customers/${theirs.customer}/loans`), 404, 200, 200, 200],
  ['its payments', get(() => `/customers/${theirs.customer}/payments`), 404, 200, 200, 200],
  ['GET /applications/:id', get(() => `/applications/${theirs.application}`), 404, 200, 200, 200],
  ['GET /loans/:id', get(() => `/loans/${theirs.loan}`), 404, 200, 200, 200],
  ['its schedule', get(() => `/loans/${theirs.loan}/schedule`), 404, 200, 200, 200],
  ['the payments on it', get(() => `/loans/${theirs.loan}/payments`), 404, 200, 200, 200],
  ['the loan of a mortgage', get(() => `/mortgages/${theirs.mortgage}/loan`), 404, 200, 200, 200],
  ['GET /payments/:id', get(() => `/payments/${theirs.payment}`), 404, 200, 200, 200],
  ['GET /ledger/balances', get(() => '/ledger/balances'), 403, 200, 200, 200],
  ['GET /api/products', get(() => '/api/products'), 200, 200, 200, 200],
  ['GET /api/account/info/person', get(() => '/api/account/info/person'), 200, 200, 200, 200],
];
const writing: Row[] = [
  ['POST /customers', post('/customers', person), 403, 403, 201, 201],
  ['PUT /customers/:id', async () => put('/customers', person(), person()), 403, 403, 200, 200],
  ['DELETE /customers/:id', async () => remove('/customers', person()), 403, 403, 204, 204],
  ['POST /applications', post('/applications', terms), 403, 403, 201, 201],
  ['PUT /applications/:id', async () => put('/applications', terms(), terms()), 403, 403, 200, 200],
  ['DELETE /applications/:id', async () => remove('/applications', terms()), 403, 403, 204, 204],
  ['POST /loans', post('/loans', lent), 403, 403, 201, 201],
  ['PUT /loans/:id', async () => put('/loans', lent(), { ...lent(), status: 'active' }), 403, 403, 200, 200],
  ['DELETE /loans/:id', async () => remove('/loans', lent()), 403, 403, 204, 204],
  ['POST /payments', post('/payments', paying), 404, 403, 201, 201],
  ['POST /api/product', post('/api/product', () => ({ ...pencil, name: randomUUID() })), 403, 403, 201, 201],
];
const starting: Row[] = [
  ['rehearsal', post('/sagas/rehearsal', () => ({})), 403, 403, 202, 202],
  ['rehearsal by /start', post('/start', () => ({ saga_id: randomUUID() })), 403, 403, 202, 202],
  [
    'a mortgage for another',
    post('/sagas/mortgage-origination', () => mortgageFor(person().email)),
    403,
    403,
    202,
    202,
  ],
  [
    'a mortgage for another by /start',
    post('/start', () => ({
      saga_id: randomUUID(),
      type: 'mortgage-origination',
      ...mortgageFor(person().email),
    })),
    403,
    403,
    202,
    202,
  ],
  [
    'a mortgage of another customer',
    post('/sagas/mortgage-origination', () => ({
      ...mortgageFor(''),
      customer: undefined,
      customer_id: theirs.customer,
    })),
    404,
    403,
    202,
    202,
  ],
  ["a payment on another's loan", post('/sagas/loan-payment', paying), 404, 403, 202, 202],
  [
    "a payment on another's loan by /start",
    post('/start', () => ({ saga_id: randomUUID(), type: 'loan-payment', ...paying() })),
    404,
    403,
    202,
    202,
  ],
  ['a purchase', post('/sagas/purchase', basket), 202, 403, 202, 202],
  ["a purchase by the shop's path", post('/api/purchase', basket), 201, 403, 201, 201],
  ['no type of ours', post('/sagas/laundry', () => ({})), 404, 403, 404, 404],
];
const handling: Row[] = [
  ['decision', onWaiting('decision', { approved: false }), 404, 200, 403, 200],
  ['retry', onWaiting('retry', {}), 404, 403, 409, 409],
  ['correct', onWaiting('correct', { input: { loan_amount: 1 } }), 404, 403, 409, 409],
  ['resolve', onWaiting('resolve', {}), 404, 403, 409, 409],
  ['compensate', onWaiting('compensate', {}), 404, 403, 200, 200],
];

const pencil = { name: 'pencil', description: 'red', brand_name: 'ming', price: 1, inventory: 1 };
const put = async (path: string, before: unknown, body: unknown): Promise<Call> => ({
  method: 'PUT',
  path: `${path}/${await admins(path, before)}`,
  body,
});
const remove = async (path: string, before: unknown): Promise<Call> => ({
  method: 'DELETE',
  path: `${path}/${await admins(path, before)}`,
});

/** Everything that a call could leave behind. */
async function stored() {
  const { sql } = access.system;
  const [sagas, customers, applications, loans, entries, products] = await Promise.all([
    sql.unwind`select id, caller from saga order by id`,
    sql.customer`select id, email from customer order by id`,
    sql.mortgage`select id, status, loan_amount from application order by id`,
    sql.loan`select id, status, loan_amount, deleted_at from loan order by id`,
    sql.loan`select id from ledger_entry order by id`,
    sql.product`select id from product order by id`,
  ]);
  return { sagas, customers, applications, loans, entries, products };
}

const all: Row[] = [...reading, ...writing, ...starting, ...handling];
const cases = all.flatMap(([name, make, ...answers]) =>
  roles.map((role, at) => ({ name, make, role, status: answers[at] ?? 0 })),
);
const isRefused = ({ status }: { status: number }) => status === 403 || status === 404;

describe('a role without access is refused, and nothing is stored', () => {
  test.each(cases.filter(isRefused))('$name, $role: $status', async ({ make, role, status }) => {
    const { method, path, body } = await make();
    const before = await stored();
    const answer = await people[role].call(method, path, body);
    expectProblem(answer, status, path);
    if (status === 403) expect(answer.body.detail).toMatch(new RegExp(`yours is ${role}|of your account`));
    expect(await stored()).toEqual(before);
  });
});

describe('a role with access succeeds', () => {
  test.each(cases.filter((one) => !isRefused(one)))(
    '$name, $role: $status',
    async ({ make, role, status }) => {
      const { method, path, body } = await make();
      const answer = await people[role].call(method, path, body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    },
  );

  test('and loses it at once with the role', async () => {
    const former = await access.as('operator');
    expect((await former.call('GET', '/customers')).status).toBe(200);
    await access.system.sql.unwind`update account set role = 'customer' where id = ${former.id}`;
    expectProblem(await former.call('GET', '/customers'), 403, '/customers');
  });
});
