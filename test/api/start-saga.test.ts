import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestHash } from '../../src/guard/request-hash.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const application = {
  customer: { name: 'Ada', email: 'ada@example.com' },
  loan_amount: 500_000,
  property_value: 750_000,
  interest_rate: 3.25,
  term_years: 30,
  annual_income: 120_000,
};

const post = (input: unknown, key?: string) =>
  system.call(
    'POST',
    '/sagas/mortgage-origination',
    input,
    key === undefined ? {} : { 'idempotency-key': key },
  );
const registered = async () => (await system.sql.unwind`select id from saga`).length;

describe('an accepted saga', () => {
  test('answers 202 with its id, state, links and Location', async () => {
    const { status, headers, body } = await system.call('POST', '/sagas/rehearsal', {});
    const id = body.saga_id;
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/sagas/${id}`);
    expect(body).toEqual({
      saga_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'rehearsal',
      state: 'running',
      links: {
        self: `/sagas/${id}`,
        events: `/sagas/${id}/events`,
        temporal_ui: `http://127.0.0.1:8233/namespaces/unwind-test/workflows/rehearsal-${id}`,
      },
    });
    expect(await system.untilEnded(id)).toMatchObject({ state: 'completed', result: {} });
  });

  test('twenty times at once with one key is one saga and one answer', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(application, key)));
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    const id = answers[0]?.body.saga_id;
    await system.untilEnded(id);
    expect(await system.sql.loan`select 1 from loan where saga_id = ${id}`).toHaveLength(1);
    expect(await system.sql.unwind`select 1 from saga where key = ${key}`).toHaveLength(1);
    expect((await post(application, key)).body.saga_id).toBe(id);
  });

  test('with the fields of its body in another order, and amounts as strings, is the same', async () => {
    const key = randomUUID();
    const first = await post(application, key);
    const again = await post(
      { ...application, loan_amount: '500000.00', customer: { email: 'ada@example.com', name: 'Ada' } },
      key,
    );
    expect(again.body).toEqual(first.body);
  });

  test('with the same key and another body is 422', async () => {
    const key = randomUUID();
    await post(application, key);
    const { status, body } = await post({ ...application, loan_amount: 1 }, key);
    expect(status).toBe(422);
    expect(body.detail).toContain('Idempotency-Key');
    expect((await system.call('POST', '/sagas/rehearsal', {}, { 'idempotency-key': key })).status).toBe(422);
  });

  test('is not started again when Temporal has long forgotten it', async () => {
    const [id, key] = [randomUUID(), randomUUID()];
    await system.sql.unwind`insert into saga (id, type, caller, key, body_hash, started_at)
      values (${id}, 'rehearsal', 'admin', ${key}, ${requestHash({})}, now())`;
    const { status, body } = await system.call('POST', '/sagas/rehearsal', {}, { 'idempotency-key': key });
    expect([status, body.saga_id]).toEqual([202, id]);
    const { status: gone, body: problem } = await system.call('GET', `/sagas/${id}`);
    expect([gone, problem.detail]).toEqual([404, expect.stringContaining('no longer kept')]);
  });

  test('without a key is a new saga each time', async () => {
    const [one, two] = await Promise.all([post(application), post(application)]);
    expect(one.body.saga_id).not.toBe(two.body.saga_id);
  });
});

describe('a body that cannot be accepted', () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ['a missing field', { loan_amount: undefined }, '/loan_amount'],
    ['a wrong type', { term_years: '30' }, '/term_years'],
    ['a negative amount', { loan_amount: -1 }, '/loan_amount'],
    ['an amount of zero', { loan_amount: 0 }, '/loan_amount'],
    ['more than two decimals', { property_value: 0.001 }, '/property_value'],
    ['an amount over 1e12', { loan_amount: 1e12 + 1 }, '/loan_amount'],
    ['an amount that is no number', { loan_amount: 'NaN' }, '/loan_amount'],
    ['an unknown field', { colour: 'red' }, '/colour'],
    ['an unknown field inside', { customer: { ...application.customer, age: 7 } }, '/customer/age'],
    ['a bad e-mail address', { customer: { name: 'Ada', email: 'ada' } }, '/customer/email'],
    ['an empty name', { customer: { name: ' ', email: 'ada@example.com' } }, '/customer/name'],
    ['NUL in a name', { customer: { name: 'A\0', email: 'ada@example.com' } }, '/customer/name'],
    ['half a surrogate pair', { customer: { name: 'A\ud800', email: 'ada@example.com' } }, '/customer/name'],
    ['no customer at all', { customer: undefined }, '/customer'],
    ['a customer and a customer id', { customer_id: randomUUID() }, '/customer'],
    ['a customer id that is no UUID', { customer: undefined, customer_id: '7' }, '/customer_id'],
    ['a duration that is none', { decision_timeout: 'two weeks' }, '/decision_timeout'],
    ['a deadline of nothing', { deadline: 'PT0S' }, '/deadline'],
  ];

  test.each(cases)('%s is 422 and names the field', async (_, change, pointer) => {
    const before = await registered();
    const { status, headers, body } = await post({ ...application, ...change });
    expect(status).toBe(422);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({
      status: 422,
      title: 'Unprocessable Entity',
      instance: '/sagas/mortgage-origination',
    });
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(await registered()).toBe(before);
  });

  test.each([
    [{ customer: undefined }, 'is missing: give customer or customer_id'],
    [{ customer_id: randomUUID() }, 'give customer or customer_id, not both'],
  ])('whose customer is missing, or given twice, is told which of them: %j', async (change, detail) => {
    const { body } = await post({ ...application, ...change });
    expect(body.errors).toEqual([{ pointer: '/customer', detail }]);
  });

  test('a payment whose parts do not make it up is 422', async () => {
    const payment = { loan_id: randomUUID(), payment_amount: 10, principal_amount: 7, interest_amount: 2 };
    const { status, body } = await system.call('POST', '/sagas/loan-payment', payment);
    expect([status, body.errors[0].pointer]).toEqual([422, '/principal_amount']);
  });

  const raw = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    system.app.request('/sagas/mortgage-origination', { method: 'POST', body, headers });

  test('a number beyond all numbers is 422', async () => {
    const response = await raw(JSON.stringify(application).replace('500000', '1e309'));
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('/loan_amount');
  });

  test('a list, a text or null is 422', async () => {
    for (const body of ['[]', '"x"', 'null']) expect((await raw(body)).status).toBe(422);
  });

  test('invalid JSON is 400', async () => {
    for (const body of ['{', '', 'NaN']) expect((await raw(body)).status).toBe(400);
  });

  test('bytes that are no UTF-8 are 400', async () => {
    const body = Buffer.concat([Buffer.from('{"customer":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    const headers = { 'content-type': 'application/json' };
    const response = await system.app.request('/sagas/mortgage-origination', {
      method: 'POST',
      body,
      headers,
    });
    expect(response.status).toBe(400);
  });

  test('another content type, or none, is 415', async () => {
    expect((await raw('{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await raw('{}', { 'content-type': '' })).status).toBe(415);
  });

  test.each([
    'application/json;',
    'Application/JSON ; charset=utf-8',
    'application/json; charset=utf-8;',
    'application/json;odata.metadata=minimal',
  ])('announced as %s is JSON', async (type) => {
    expect((await raw('{"colour":"red"}', { 'content-type': type })).status).toBe(422);
  });

  test('a body over 64 KiB is 413, in chunks too', async () => {
    const long = JSON.stringify({
      ...application,
      customer: { name: 'x'.repeat(70_000), email: 'a@example.com' },
    });
    expect((await raw(long)).status).toBe(413);
    const chunked = new Request('http://localhost/sagas/mortgage-origination', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([long]).stream(),
      duplex: 'half',
    });
    expect((await system.app.request(chunked)).status).toBe(413);
  });

  test('an unknown type is 404, a wrong method 405 with Allow, an empty or too long key 422', async () => {
    expect((await system.call('POST', '/sagas/laundry', {})).status).toBe(404);
    const wrong = await system.call('DELETE', '/sagas/rehearsal');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('POST');
    for (const key of ['', ' ', 'k'.repeat(256)]) expect((await post(application, key)).status).toBe(422);
    expect((await post(application, 'k'.repeat(255))).status).toBe(202);
  });
});
