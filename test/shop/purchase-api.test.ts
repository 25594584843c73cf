import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, signedUp } from '../accounts/support.ts';
import { type Answer, created, type Send, sender } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let send: Send;
beforeAll(async () => {
  system = await startSystem();
  send = sender((path, init) => system.app.request(path, init));
});
afterAll(() => system.end());

/** Signs up, and answers how to send as that person. */
async function person(): Promise<Send> {
  const { access_token } = await signedUp(send);
  return (method, path, body, headers) => send(method, path, body, { ...headers, ...bearer(access_token) });
}

const pen = { name: 'product1', description: 'first product', brand_name: 'mingbrand' };
const product = async (more: object = {}): Promise<string> =>
  (await created(send, '/api/product', { ...pen, price: 100, inventory: 1000, ...more })).id;
const basket = (product_id: string, amount = 1) => ({
  purchase_items: [{ product_id, amount }],
  payment: { currency_code: 'NT' },
});
const get = async (as: Send, path: string): Promise<Answer> => as('GET', path);

describe('the catalogue', () => {
  test('takes a product, and shows it in the list and by itself', async () => {
    const id = await product({ price: 12.5, inventory: 10 });
    expect((await get(send, `/api/product/${id}`)).body).toEqual({ id, ...pen, price: 12.5, inventory: 10 });
    const { catalogs } = (await get(send, '/api/products?offset=0&size=500')).body;
    expect(catalogs.at(-1)).toEqual({ id, name: 'product1', price: 12.5, inventory: 10 });
  });

  test('comes in pages', async () => {
    for (const inventory of [1, 2, 3]) await product({ inventory });
    const all = (await get(send, '/api/products?size=500')).body.catalogs;
    const second = (await get(send, '/api/products?offset=1&size=2')).body.catalogs;
    expect(second).toEqual(all.slice(1, 3));
    expect((await get(send, `/api/products?offset=${all.length}`)).body).toEqual({ catalogs: [] });
  });

  test.each(['size=0', 'size=501', 'size=x', 'offset=-1'])('refuses the page %s', async (query) => {
    expect((await get(send, `/api/products?${query}`)).status).toBe(422);
  });

  test.each([
    [{ price: 0 }, '/price'],
    [{ price: 1.001 }, '/price'],
    [{ inventory: -1 }, '/inventory'],
    [{ inventory: 1.5 }, '/inventory'],
    [{ name: '\0' }, '/name'],
    [{ brand_name: undefined }, '/brand_name'],
  ])('refuses a product with %o', async (wrong, pointer) => {
    const { status, body } = await send('POST', '/api/product', { ...pen, price: 1, inventory: 1, ...wrong });
    expect([status, body.errors[0].pointer]).toEqual([422, pointer]);
  });

  test('answers 404 for a product that is not there, 400 for no id', async () => {
    expect((await get(send, `/api/product/${crypto.randomUUID()}`)).status).toBe(404);
    expect((await get(send, '/api/product/1')).status).toBe(400);
  });
});

describe('a purchase', () => {
  test('becomes an order and a payment of its id, which its buyer alone sees', async () => {
    const [buyer, other] = [await person(), await person()];
    const id = await product();
    const { purchase_id } = await created(buyer, '/api/purchase', basket(id, 2));
    expect((await system.untilEnded(purchase_id)).state).toBe('completed');
    expect((await get(buyer, `/api/order/${purchase_id}`)).body).toEqual({
      id: purchase_id,
      status: 'completed',
      purchased_items: [{ product_id: id, ...pen, price: 100, amount: 2 }],
    });
    expect((await get(buyer, `/api/payment/${purchase_id}`)).body).toEqual({
      id: purchase_id,
      currency_code: 'NT',
      amount: 200,
      status: 'paid',
    });
    expect((await get(send, `/api/product/${id}`)).body.inventory).toBe(998);
    for (const what of ['order', 'payment']) {
      expect((await get(other, `/api/${what}/${purchase_id}`)).status).toBe(404);
      expect((await get(send, `/api/${what}/${purchase_id}`)).status).toBe(401);
    }
  });

  test('leaves other fields alone, also those of a line and of the payment', async () => {
    const buyer = await person();
    const { purchase_items, payment } = basket(await product(), 2);
    const more = { colour: 'red' };
    const lines = purchase_items.map((line) => ({ ...line, ...more }));
    const body = { ...more, purchase_items: lines, payment: { ...payment, ...more } };
    const { purchase_id } = await created(buyer, '/api/purchase', body);
    expect((await system.untilEnded(purchase_id)).input).toMatchObject({ purchase_items, payment });
    const strict = await system.call('POST', '/sagas/purchase', { purchase_items: lines, payment });
    expect([strict.status, strict.body.errors[0].pointer]).toEqual([422, '/purchase_items/0/colour']);
  });

  test('above 10,000 is undone: the order is cancelled, and nothing is paid', async () => {
    const buyer = await person();
    const id = await product({ price: 10_000.01 });
    const { purchase_id } = await created(buyer, '/api/purchase', basket(id));
    expect((await system.untilEnded(purchase_id)).state).toBe('compensated');
    expect((await get(buyer, `/api/order/${purchase_id}`)).body.status).toBe('cancelled');
    expect((await get(buyer, `/api/payment/${purchase_id}`)).status).toBe(404);
    expect((await get(send, `/api/product/${id}`)).body.inventory).toBe(1000);
  });

  test('of an unknown product is 404, and starts nothing', async () => {
    const unknown = crypto.randomUUID();
    const before = await system.sql.unwind`select count(*)::int from saga`;
    expect((await (await person())('POST', '/api/purchase', basket(unknown))).status).toBe(404);
    expect(await system.sql.unwind`select count(*)::int from saga`).toEqual(before);
  });

  test('needs a token', async () => {
    const { status, headers } = await send('POST', '/api/purchase', basket(crypto.randomUUID()));
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="unwind"']);
  });

  test('with a key is made once for one buyer, and another one has keys of his own', async () => {
    const [ming, ling] = [await person(), await person()];
    const id = await product();
    const key = { 'idempotency-key': crypto.randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ming('POST', '/api/purchase', basket(id), key)),
    );
    expect(new Set(answers.map(({ body }) => body.purchase_id)).size).toBe(1);
    const another = await ling('POST', '/api/purchase', basket(id), key);
    expect(another.body.purchase_id).not.toBe(answers[0]?.body.purchase_id);
    expect((await ming('POST', '/api/purchase', basket(id, 2), key)).status).toBe(422);
    await system.untilEnded(another.body.purchase_id);
    await system.untilEnded(answers[0]?.body.purchase_id);
    expect((await get(send, `/api/product/${id}`)).body.inventory).toBe(998);
  });

  test.each([
    [{ purchase_items: [] }, '/purchase_items'],
    [{ purchase_items: [{ product_id: 'x', amount: 1 }] }, '/purchase_items/0/product_id'],
    [{ purchase_items: [{ product_id: crypto.randomUUID(), amount: 0 }] }, '/purchase_items/0/amount'],
    [{ purchase_items: [{ product_id: crypto.randomUUID(), amount: 1e9 + 1 }] }, '/purchase_items/0/amount'],
    [{ payment: { currency_code: 'N1' } }, '/payment/currency_code'],
    [{ payment: { currency_code: '' } }, '/payment/currency_code'],
    [{ payment: undefined }, '/payment'],
  ])('with %o is refused, naming the field', async (wrong, pointer) => {
    const body = { ...basket(crypto.randomUUID()), ...wrong };
    const answer = await (await person())('POST', '/api/purchase', body);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer]);
  });

  test('of more than 100 lines is refused', async () => {
    const { payment, purchase_items } = basket(crypto.randomUUID());
    const body = { payment, purchase_items: Array.from({ length: 101 }, () => purchase_items).flat() };
    const answer = await (await person())('POST', '/api/purchase', body);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/purchase_items']);
  });
});
