import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { created, expectProblem, person } from '../support/resources.ts';
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
let operator: Person;
let ada: Person;
let hers: Awaited<ReturnType<typeof granted>>;
let theirs: Awaited<ReturnType<typeof granted>>;

beforeAll(async () => {
  access = await startAccess();
  operator = await access.as('operator');
  ada = await access.as('customer');
  [hers, theirs] = [await granted(operator, ada.email), await granted(operator, person().email)];
}, 60_000);
afterAll(() => access.system.end());

const sagasOf = ({ id }: Person) =>
  access.system.sql.unwind`select id, type from saga where caller = ${id} order by created_at`;

describe('a customer', () => {
  test('reads what is its own, by id and in lists', async () => {
    const get = async (path: string) => {
      const { status, body } = await ada.call('GET', path);
      expect([path, status]).toEqual([path, 200]);
      return body;
    };
    expect(await get(`/customers/${hers.customer}`)).toMatchObject({ id: hers.customer, email: ada.email });
    const application = await get(`/applications/${hers.application}`);
    expect(await get(`/customers/${hers.customer}/applications`)).toEqual([application]);
    const loan = await get(`/loans/${hers.loan}`);
    expect(loan).toMatchObject({ id: hers.loan, customer_id: hers.customer });
    expect(await get(`/customers/${hers.customer}/loans`)).toEqual([loan]);
    expect(await get(`/mortgages/${hers.application}/loan`)).toEqual(loan);
    expect(await get(`/loans/${hers.loan}/schedule`)).toHaveLength(360);
    const payment = await get(`/payments/${hers.payment}`);
    expect(await get(`/loans/${hers.loan}/payments`)).toEqual([payment]);
    expect(await get(`/customers/${hers.customer}/payments`)).toEqual([payment]);
  });

  test.each<[string, () => string]>([
    ['/customers/', () => theirs.customer ?? ''],
    ['/applications/', () => theirs.application ?? ''],
    ['/loans/', () => theirs.loan ?? ''],
    ['/payments/', () => theirs.payment],
    ['/mortgages/:id/loan', () => theirs.application ?? ''],
    ['/loans/:id/schedule', () => theirs.loan ?? ''],
    ['/loans/:id/payments', () => theirs.loan ?? ''],
    ['/customers/:id/applications', () => theirs.customer ?? ''],
    ['/customers/:id/loans', () => theirs.customer ?? ''],
    ['/customers/:id/payments', () => theirs.customer ?? ''],
    ['/sagas/', () => theirs.saga],
    ['/sagas/:id/events', () => theirs.saga],
  ])("%s of another's is answered as if it were not there", async (path, id) => {
    const at = (one: string) => (path.includes(':id') ? path.replace(':id', one) : `${path}${one}`);
    const nobodys = randomUUID();
    const [another, missing] = [await ada.call('GET', at(id())), await ada.call('GET', at(nobodys))];
    expectProblem(another, 404, at(id()));
    const told = JSON.stringify(missing.body).replaceAll(nobodys, id());
    expect([missing.status, told]).toEqual([404, JSON.stringify(another.body)]);
  });

  test('writes nothing, not even of its own', async () => {
    const rows = () => access.system.sql.customer`select * from customer order by id`;
    const before = await rows();
    expect((await ada.call('PUT', `/customers/${hers.customer}`, person())).status).toBe(403);
    expect((await ada.call('DELETE', `/customers/${hers.customer}`)).status).toBe(403);
    expect((await ada.call('DELETE', `/loans/${hers.loan}`)).status).toBe(403);
    expect(await rows()).toEqual(before);
  });
});

describe('a customer starts', () => {
  test('a mortgage under its own e-mail address, in whatever letters, and under its own customer_id', async () => {
    const bea = await access.as('customer');
    const first = await started(bea, 'mortgage-origination', mortgageFor(bea.email.toUpperCase()));
    const { result } = await untilState(bea, first, 'completed');
    const { customer_id } = result as { customer_id: string };
    const again = { ...mortgageFor(''), customer: undefined, customer_id };
    const second = await started(bea, 'mortgage-origination', again);
    expect((await untilState(bea, second, 'completed')).result).toMatchObject({ customer_id });
    const third = await bea.call('POST', '/start', {
      saga_id: randomUUID(),
      type: 'mortgage-origination',
      ...again,
      customer_id: customer_id.toUpperCase(),
    });
    expect(third.status).toBe(202);
    await untilState(bea, third.body.saga_id, 'completed');
    expect((await sagasOf(bea)).map(({ id }) => id)).toEqual([first, second, third.body.saga_id]);
    expect(
      await access.system.sql.mortgage`
      select distinct customer_id from application where saga_id in (${first}, ${second})`,
    ).toEqual([{ customer_id }]);
  });

  test.each<[string, () => object, number]>([
    ['under the address of another', () => mortgageFor(person().email), 403],
    [
      'of another customer',
      () => ({ ...mortgageFor(''), customer: undefined, customer_id: theirs.customer }),
      404,
    ],
    ['of no customer', () => ({ ...mortgageFor(''), customer: undefined, customer_id: randomUUID() }), 404],
  ])('no mortgage %s, and nothing is left of it', async (_, input, status) => {
    const before = await sagasOf(ada);
    const body = input();
    const answers = [
      await ada.call('POST', '/sagas/mortgage-origination', body),
      await ada.call('POST', '/start', { saga_id: randomUUID(), type: 'mortgage-origination', ...body }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([status, status]);
    expect(await sagasOf(ada)).toEqual(before);
  });

  test('payments on its own loan, by the saga and by /payments', async () => {
    const input = { loan_id: hers.loan, payment_amount: 2_176 };
    const saga = await started(ada, 'loan-payment', input);
    const { result } = await untilState(ada, saga, 'completed');
    const paid = await created(ada.call, '/payments', input);
    const rows = await access.system.sql.loan`
      select id from payment where loan_id = ${hers.loan ?? ''} and status = 'allocated' order by created_at`;
    const { payment_id } = result as { payment_id: string };
    expect(rows.map(({ id }) => id)).toEqual([hers.payment, payment_id, paid.id]);
    expect((await sagasOf(ada)).map(({ type }) => type)).toEqual(['loan-payment', 'loan-payment']);
  });

  test.each<[string, () => object]>([
    ["another's loan", () => ({ loan_id: theirs.loan })],
    ['no loan', () => ({ loan_id: randomUUID() })],
    ['its own loan in the name of another', () => ({ loan_id: hers.loan, customer_id: theirs.customer })],
  ])('no payment on %s: 404, and nothing is paid', async (_, named) => {
    const entries = () => access.system.sql.loan`select count(*)::int from ledger_entry`;
    const [sagas, before] = [await sagasOf(ada), await entries()];
    const body = { ...named(), payment_amount: 10 };
    for (const path of ['/payments', '/sagas/loan-payment'])
      expectProblem(await ada.call('POST', path, body), 404, path);
    expectProblem(
      await ada.call('POST', '/start', { saga_id: randomUUID(), type: 'loan-payment', ...body }),
      404,
      '/start',
    );
    expect(await sagasOf(ada)).toEqual(sagas);
    expect(await entries()).toEqual(before);
  });

  test('no payment that it splits itself: 403, and nothing is paid', async () => {
    const entries = () => access.system.sql.loan`select count(*)::int from ledger_entry`;
    const before = await entries();
    const body = { loan_id: hers.loan, payment_amount: 10, principal_amount: 10, interest_amount: 0 };
    for (const path of ['/payments', '/sagas/loan-payment'])
      expectProblem(await ada.call('POST', path, body), 403, path);
    expect(await entries()).toEqual(before);
  });

  test('a purchase by any path, whose order and payment it sees', async () => {
    const pen = { name: 'pen', description: 'blue', brand_name: 'ming', price: 1, inventory: 1_000 };
    const { id: product_id } = await created(operator.call, '/api/product', pen);
    const basket = { purchase_items: [{ product_id, amount: 2 }], payment: { currency_code: 'EUR' } };
    const bought = [
      await started(ada, 'purchase', basket),
      (await ada.call('POST', '/start', { saga_id: randomUUID(), type: 'purchase', ...basket })).body.saga_id,
      (await created(ada.call, '/api/purchase', basket)).purchase_id,
    ];
    for (const id of bought) {
      await untilState(ada, id, 'completed');
      expect((await ada.call('GET', `/api/order/${id}`)).body).toMatchObject({ id, status: 'completed' });
      expect((await ada.call('GET', `/api/payment/${id}`)).body).toMatchObject({ id, amount: 2 });
      expect((await operator.call('GET', `/api/order/${id}`)).status).toBe(404);
    }
    const bob = await access.as('customer');
    const named = await bob.call('POST', '/sagas/purchase', { ...basket, account_id: ada.id });
    expect([named.status, named.body.errors[0].pointer]).toEqual([422, '/account_id']);
    expect(await sagasOf(bob)).toEqual([]);
  });
});

test('choreographed purchases are listed, read and followed by whoever made them, and by no other customer', async () => {
  const pen = { name: 'pen', description: 'blue', brand_name: 'ming', price: 1, inventory: 10 };
  const { id: product_id } = await created(operator.call, '/api/product', pen);
  const basket = { purchase_items: [{ product_id, amount: 1 }], payment: { currency_code: 'EUR' } };
  const buyers = [await access.as('customer'), await access.as('customer')];
  const bought = [];
  for (const buyer of buyers) {
    const id = await started(buyer, 'purchase', { ...basket, mode: 'choreographed' });
    await untilState(buyer, id, 'completed');
    bought.push(id);
  }
  for (const [index, { call }] of buyers.entries()) {
    const [own, anothers] = index === 0 ? bought : bought.toReversed();
    for (const query of ['', '?type=purchase', '?state=completed', '?step=create-delivery']) {
      const { items } = (await call('GET', `/sagas${query}`)).body;
      expect([query, items.map(({ saga_id }: { saga_id: string }) => saga_id)]).toEqual([query, [own]]);
    }
    for (const read of ['/api/order/', '/api/payment/', '/sagas/']) {
      expect([read, (await call('GET', `${read}${own}`)).status]).toEqual([read, 200]);
      expectProblem(await call('GET', `${read}${anothers}`), 404, `${read}${anothers}`);
    }
    expectProblem(await call('GET', `/sagas/${anothers}/events`), 404, `/sagas/${anothers}/events`);
  }
});

describe('a saga of its own', () => {
  test('a customer follows, and neither decides nor operates', async () => {
    const cid = await access.as('customer');
    const saga = await started(cid, 'mortgage-origination', referredFor(cid.email));
    const before = await untilState(cid, saga, 'waiting');
    const decided = await cid.call('POST', `/sagas/${saga}/decision`, { approved: true, reason: 'please' });
    expectProblem(decided, 403, `/sagas/${saga}/decision`);
    for (const action of ['retry', 'resolve', 'compensate']) {
      const answer = await cid.call('POST', `/sagas/${saga}/${action}`, { reason: 'please' });
      expectProblem(answer, 403, `/sagas/${saga}/${action}`);
    }
    expect(await untilState(cid, saga, 'waiting')).toEqual(before);
    expect((await access.send('GET', `/sagas/${saga}`)).status).toBe(401);
    await operator.call('POST', `/sagas/${saga}/compensate`, { reason: 'over' });
    await untilState(cid, saga, 'compensated');
    const events = await access.system.app.request(`/sagas/${saga}/events`, {
      headers: { authorization: `Bearer ${cid.access_token}` },
    });
    expect(await events.text()).toMatch(/event: end\ndata: \{\}\n\n$/);
  });
});
