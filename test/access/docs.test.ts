import { afterAll, beforeAll, expect, test } from 'vitest';
import { paste } from '../support/paste.ts';
import { type Access, startAccess } from './support.ts';

let access: Access;
beforeAll(async () => {
  access = await startAccess();
});
afterAll(() => access.system.end());

test('the lines of docs/access.md work when pasted one after the other', async () => {
  const { system } = access;
  const env = { UNWIND_DATABASE_URL: system.databases.unwind };
  const answerTo = await paste(system, 'access.md', env);
  expect(answerTo('curl -s $API/sagas')).toContain('"status":401');
  expect(answerTo('curl -s $API/sagas', 1)).toContain('"items":[]');
  expect(answerTo('curl -s "$API/sagas?state=waiting"')).toMatch(/^\{"items":\[/);
  expect(answerTo('curl -s $API/customers')).toContain('"status":403');
  expect(answerTo('curl -s $API/sagas/$SAGA/decision')).toContain('"by":"olga@example.com"');
  expect(await system.sql.unwind`select email, role, customer_id from account order by email`).toEqual([
    { email: 'ada.k@example.com', role: 'customer', customer_id: null },
    { email: 'olga@example.com', role: 'admin', customer_id: null },
  ]);
}, 60_000);
