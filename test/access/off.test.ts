import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { created, expectProblem, person } from '../support/resources.ts';
import { type Access, mortgageFor, referredFor, startAccess } from './support.ts';

let access: Access;
beforeAll(async () => {
  access = await startAccess('off');
});
afterAll(() => access.system.end());

const callerOf = async (id: string) => {
  const [row] = await access.system.sql.unwind`select caller from saga where id = ${id}`;
  return row?.['caller'];
};

test('a caller without a token acts and is recorded as admin', async () => {
  const { system } = access;
  const id = await system.start('mortgage-origination', referredFor(person().email));
  await system.untilState(id, 'waiting');
  expect(await callerOf(id)).toBe('admin');
  const decision = { approved: false, reason: 'no' };
  const { body } = await system.call('POST', `/sagas/${id}/decision`, decision);
  expect(body.decision).toEqual({ ...decision, by: 'admin' });
  expect((await access.send('GET', '/customers')).status).toBe(200);
});

test('a caller with a token has the role of its account, and its own keys', async () => {
  const { send, system } = access;
  const [ada, olga] = [await access.as('customer'), await access.as('operator')];
  expectProblem(await ada.call('GET', '/customers'), 403, '/customers');
  expect((await ada.call('POST', '/sagas/mortgage-origination', mortgageFor(person().email))).status).toBe(
    403,
  );
  const headers = { 'idempotency-key': randomUUID() };
  const json = { 'content-type': 'application/json' };
  const hers = await olga.call('POST', '/sagas/rehearsal', {}, headers);
  const nobodys = await send('POST', '/sagas/rehearsal', {}, { ...json, ...headers });
  expect([hers.status, nobodys.status]).toEqual([202, 202]);
  expect(await callerOf(hers.body.saga_id)).toBe(olga.id);
  expect(await callerOf(nobodys.body.saga_id)).toBe('admin');
  expectProblem(
    await ada.call('GET', `/sagas/${nobodys.body.saga_id}`),
    404,
    `/sagas/${nobodys.body.saga_id}`,
  );
  await system.untilEnded(nobodys.body.saga_id);
});

test('a purchase without a token belongs to nobody, and one with a token to its account', async () => {
  const { send, system } = access;
  const pen = { name: 'pen', description: 'blue', brand_name: 'ming', price: 1, inventory: 1_000 };
  const { id: product_id } = await created(send, '/api/product', pen);
  const basket = { purchase_items: [{ product_id, amount: 1 }], payment: { currency_code: 'EUR' } };
  const ada = await access.as('customer');
  const nobodys = await system.start('purchase', basket);
  const hers = (await ada.call('POST', '/sagas/purchase', basket)).body.saga_id;
  for (const id of [nobodys, hers]) await system.untilEnded(id);
  expect((await ada.call('GET', `/sagas/${hers}`)).body.input).toEqual(basket);
  const rows = await system.sql.order`select id, account_id from "order" order by account_id nulls first`;
  expect(rows).toEqual([
    { id: nobodys, account_id: null },
    { id: hers, account_id: ada.id },
  ]);
});
