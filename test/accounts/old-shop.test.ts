import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Accounts, bearer, startAccounts } from './support.ts';

// The old shop's commands in its order, as curl sends them.
let accounts: Accounts;
beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.end());

const curl = (method: string, path: string, data?: string, token?: string) =>
  accounts.send(method, path, data, {
    ...(data === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(token === undefined ? {} : bearer(token)),
  });
const pair = { access_token: expect.any(String), refresh_token: expect.any(String) };

test('what programs of the old shop send about accounts is answered as they know it', async () => {
  const signup = await curl(
    'POST',
    '/api/account/auth/signup',
    '{"password":"abcd5432","firstname":"ming","lastname":"hsu","email":"ming@ming.com","address":"taipei","phone_number":"1234567"}',
  );
  expect([signup.status, signup.body]).toEqual([201, pair]);

  const login = await curl(
    'POST',
    '/api/account/auth/login',
    '{"email":"ming@ming.com","password":"abcd5432"}',
  );
  expect([login.status, login.body]).toEqual([200, pair]);

  const refreshed = await curl(
    'POST',
    '/api/account/auth/refresh',
    `{"refresh_token":"${login.body.refresh_token}"}`,
  );
  expect([refreshed.status, refreshed.body]).toEqual([200, pair]);
  const token: string = refreshed.body.access_token;

  const person = '/api/account/info/person';
  const before = { firstname: 'ming', lastname: 'hsu', email: 'ming@ming.com' };
  expect(await curl('GET', person, undefined, token)).toMatchObject({ status: 200, body: before });
  const renamed = '{"firstname":"newfirst","lastname":"newlast","email":"ming3@ming.com"}';
  expect((await curl('PUT', person, renamed, token)).body).toEqual({ msg: 'ok' });
  expect((await curl('GET', person, undefined, token)).body).toEqual(JSON.parse(renamed));

  const shipping = '/api/account/info/shipping';
  const home = { address: 'taipei', phone_number: '1234567' };
  expect(await curl('GET', shipping, undefined, token)).toMatchObject({ status: 200, body: home });
  const moved = '{"address":"japan","phone_number":"54321"}';
  expect((await curl('PUT', shipping, moved, token)).body).toEqual({ msg: 'ok' });
  expect((await curl('GET', shipping, undefined, token)).body).toEqual(JSON.parse(moved));

  const rows = await accounts.sql`
    select email, firstname, lastname, address, phone_number, role, modified_at > created_at as later from account`;
  expect(rows).toEqual([{ ...JSON.parse(renamed), ...JSON.parse(moved), role: 'customer', later: true }]);
});

test.each(['bearer', 'Bearer', 'BEARER', 'bearer  '])('the scheme may be written "%s"', async (scheme) => {
  const login = '{"email":"ming3@ming.com","password":"abcd5432"}';
  const { body } = await curl('POST', '/api/account/auth/login', login);
  const headers = { authorization: `${scheme} ${body.access_token}` };
  expect((await accounts.send('GET', '/api/account/info/person', undefined, headers)).status).toBe(200);
});
