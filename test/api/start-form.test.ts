import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

async function post(fields: Record<string, string>, contentType = 'application/x-www-form-urlencoded') {
  const body = new URLSearchParams(fields).toString();
  return answer(
    await system.app.request('/start', { method: 'POST', body, headers: { 'content-type': contentType } }),
  );
}
const postJson = async (value: unknown) =>
  answer(
    await system.app.request('/start', {
      method: 'POST',
      body: JSON.stringify(value),
      headers: { 'content-type': 'application/json' },
    }),
  );
// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
const answer = async (response: Response): Promise<{ status: number; body: any }> => ({
  status: response.status,
  body: await response.json(),
});

test('an id alone rehearses', async () => {
  const saga_id = randomUUID();
  const { status, body } = await post({ saga_id });
  expect(status).toBe(202);
  expect(body).toMatchObject({
    saga_id,
    type: 'rehearsal',
    state: 'running',
    links: { self: `/sagas/${saga_id}` },
  });
  expect((await system.untilEnded(saga_id)).state).toBe('completed');
});

test('the same id again, also ten times at once, answers the same and starts nothing', async () => {
  const saga_id = randomUUID();
  const answers = await Promise.all(Array.from({ length: 10 }, () => post({ saga_id })));
  expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
  await system.untilEnded(saga_id);
  expect(await post({ saga_id })).toEqual(answers[0]);
  for (const service of ['customer', 'mortgage', 'loan'] as const)
    expect(await system.sql[service]`select 1 from saga_step where saga_id = ${saga_id}`).toHaveLength(1);
});

test('the same id in capitals is the same saga', async () => {
  const saga_id = randomUUID();
  const first = await post({ saga_id });
  expect(await post({ saga_id: saga_id.toUpperCase() })).toEqual(first);
});

test('the same id with another type or input is 422', async () => {
  const saga_id = randomUUID();
  await post({ saga_id });
  expect((await post({ saga_id, deadline: 'PT1H' })).status).toBe(422);
  expect((await post({ saga_id, ...application })).status).toBe(422);
});

const application = {
  type: 'mortgage-origination',
  'customer[name]': '42',
  'customer[email]': 'ada@example.com',
  loan_amount: '500000.00',
  property_value: '750000',
  interest_rate: '3.25',
  term_years: '30',
  annual_income: '120000',
};

test('a form carries a whole application', async () => {
  const saga_id = randomUUID();
  expect((await post({ saga_id, ...application })).status).toBe(202);
  const { state, input } = await system.untilEnded(saga_id);
  expect(state).toBe('completed');
  expect(input).toMatchObject({ customer: { name: '42' }, loan_amount: 500_000, term_years: 30 });
});

test('a form that lacks a field is told so', async () => {
  const { body } = await post({ saga_id: randomUUID(), type: 'purchase', 'payment[currency_code]': 'NT' });
  expect(body.errors).toEqual([{ pointer: '/purchase_items', detail: 'is missing' }]);
});

test('a form carries a basket', async () => {
  const product = { name: 'pen', description: 'writes', brand_name: 'quill', price: 3, inventory: 5 };
  const { id: product_id } = (await system.call('POST', '/api/product', product)).body;
  const saga_id = randomUUID();
  const basket = {
    'purchase_items[0][product_id]': product_id,
    'purchase_items[0][amount]': '2',
    'payment[currency_code]': '123',
  };
  expect((await post({ saga_id, type: 'purchase', ...basket })).status).toBe(422);
  const paid = { ...basket, 'payment[currency_code]': 'NT' };
  expect((await post({ saga_id, type: 'purchase', ...paid })).status).toBe(202);
  const { state, input } = await system.untilEnded(saga_id);
  expect([state, input]).toMatchObject(['completed', { purchase_items: [{ product_id, amount: 2 }] }]);
});

test('a text in JSON is no number', async () => {
  const saga_id = randomUUID();
  const numbers = { loan_amount: 500_000, property_value: 750_000, interest_rate: 3.25, term_years: '30' };
  const customer = { name: '42', email: 'ada@example.com' };
  expect(await postJson({ saga_id, type: 'mortgage-origination', customer, ...numbers })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/term_years' }] },
  });
  expect(await system.sql.unwind`select 1 from saga where id = ${saga_id}`).toEqual([]);
});

test('a field of JSON that is nested deeper than any is not known', async () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const body = `{"saga_id":"${randomUUID()}","x":${deep}}`;
  expect(await answer(await system.app.request('/start', { method: 'POST', body }))).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/x' }] },
  });
});

test('a field that is nested deeper than any is not known', async () => {
  const name = `a${'[b]'.repeat(3_000)}`;
  expect((await post({ saga_id: randomUUID(), [name]: 'c' })).status).toBe(422);
});

test('a field __proto__ is not known either', async () => {
  const saga_id = randomUUID();
  expect(await post({ saga_id, '__proto__[x]': '1' })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/__proto__' }] },
  });
  const body = `{"saga_id":"${saga_id}","__proto__":{"a":1}}`;
  expect((await system.app.request('/start', { method: 'POST', body })).status).toBe(422);
});

test('JSON is taken too, and a form with no or another content type', async () => {
  expect((await postJson({ saga_id: randomUUID() })).status).toBe(202);
  expect((await post({ saga_id: randomUUID() }, 'text/plain')).status).toBe(202);
});

test('an id that RFC 9562 does not know, as older clients have them, is one', async () => {
  const saga_id = '11111111-1111-1111-1111-111111111111';
  expect((await post({ saga_id, ...application })).status).toBe(202);
  expect((await system.untilEnded(saga_id)).state).toBe('completed');
  const { status } = await system.call('GET', '/sagas/22222222-2222-2222-2222-222222222222');
  expect(status).toBe(404);
});

test('an Idempotency-Key belongs to one id', async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const key = { 'idempotency-key': randomUUID() };
  const start = (saga_id: string) => system.call('POST', '/start', { saga_id }, key);
  expect((await start(first)).status).toBe(202);
  expect((await start(first)).status).toBe(202);
  expect((await start(second)).status).toBe(422);
  expect((await system.call('GET', `/sagas/${second}`)).status).toBe(404);
});

test('the same id is the same saga without a key, and with whichever one', async () => {
  const saga_id = randomUUID();
  const start = (key?: string, id = saga_id) =>
    system.call('POST', '/start', { saga_id: id }, key === undefined ? {} : { 'idempotency-key': key });
  const keys = [undefined, randomUUID(), randomUUID()];
  const answers = [];
  for (const key of keys) answers.push(await start(key));
  for (const { status, body } of answers) expect([status, body]).toEqual([202, answers[0]?.body]);
  await system.untilEnded(saga_id);
  expect(await system.sql.unwind`select key from saga where id = ${saga_id}`).toEqual([{ key: null }]);

  const [mine, other] = [randomUUID(), randomUUID()];
  expect((await start(mine, other)).status).toBe(202);
  expect((await start(mine)).status).toBe(422);
});

test('bytes that are no UTF-8 are 400', async () => {
  const body = Buffer.concat([Buffer.from(`saga_id=${randomUUID()}&type=`), Buffer.from([0xff])]);
  expect((await system.app.request('/start', { method: 'POST', body })).status).toBe(400);
  for (const escaped of ['%ff', 'M%FCller', '%c3', '%c3x%bc']) {
    const form = `saga_id=${randomUUID()}&type=${escaped}`;
    const answer = await system.app.request('/start', { method: 'POST', body: form });
    expect([answer.status, await answer.json()]).toMatchObject([400, { detail: 'the body is not UTF-8' }]);
  }
});

test('a bad id is 400; a missing one, a wrong type or field is 422 and named', async () => {
  expect((await post({ saga_id: '7' })).status).toBe(400);
  expect((await postJson({ saga_id: 7 })).status).toBe(400);
  expect(await post({})).toMatchObject({ status: 422, body: { errors: [{ pointer: '/saga_id' }] } });
  expect(await post({ saga_id: randomUUID(), type: 'laundry' })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/type' }] },
  });
  expect(await post({ saga_id: randomUUID(), colour: 'red' })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/colour' }] },
  });
  expect(await post({ saga_id: randomUUID(), ...application, term_years: 'many' })).toMatchObject({
    body: { errors: [{ pointer: '/term_years' }] },
  });
  const line = { 'purchase_items[0][product_id]': randomUUID(), 'purchase_items[0][amount]': '1' };
  const purchase = { type: 'purchase', ...line, 'payment[currency_code]': '12' };
  expect((await post({ saga_id: randomUUID(), ...purchase })).body.errors).toEqual([
    { pointer: '/payment/currency_code', detail: 'must be 1 to 8 letters' },
  ]);
});

test('a multipart form is 415 and names the types that are read', async () => {
  const body = new FormData();
  body.set('saga_id', randomUUID());
  const { status, body: problem } = await answer(
    await system.app.request('/start', { method: 'POST', body }),
  );
  expect([status, problem.detail]).toEqual([415, expect.stringContaining('x-www-form-urlencoded')]);
});
