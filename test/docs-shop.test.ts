import { afterAll, beforeAll, expect, test } from 'vitest';
import { paste } from './support/paste.ts';
import { type System, startSystem } from './support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

test('every line of docs/shop.md, pasted one after the other, does what the page says', async () => {
  const answerTo = await paste(system, 'shop.md');
  expect(answerTo('curl -s $API/api/account/info/person')).toContain('"lastname":"hsu"');
  expect(answerTo('curl -s $API/api/account/info/shipping')).toBe(
    '{"address":"taipei","phone_number":"1234567"}',
  );
  expect(answerTo('curl -s "$API/api/products')).toContain('"name":"product1"');
  expect(answerTo('curl -sN')).toContain('"step":"CREATE_DELIVERY","status":"STATUS_SUCCESS"');
  expect(answerTo('curl -s $API/api/order')).toContain('"status":"completed"');
  expect(answerTo('curl -s $API/api/payment')).toContain('"amount":100,"status":"paid"');
  expect(answerTo('curl -s $API/sagas/')).toContain('"type":"purchase"');
  expect(answerTo('curl -sN', 1)).toContain('"step":"UPDATE_PRODUCT_INVENTORY","status":"STATUS_ROLLBACKED"');
  expect(answerTo('curl -sN $API/sagas/')).toContain('"step":"create-delivery","op":"do"');
  expect(answerTo('curl -s $API/api/order', 1)).toContain('"status":"completed"');
}, 60_000);
