import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/guard/database.ts';
import { answerOf, expectProblem } from '../support/resources.ts';
import { type Accounts, appOn, bearer, signedUp, somebody, startAccounts } from './support.ts';

let accounts: Accounts;
beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.end());

const person = { firstname: 'Grace', lastname: 'Hopper', email: 'grace@example.com' };
const shipping = { address: 'Arlington', phone_number: '+1 703 555 0100' };
const rows = (...ids: string[]) => accounts.sql`
  select firstname, lastname, email, address, phone_number, role, password_hash from account
  where id in ${accounts.sql(ids)} order by id`;

describe('the personal data of an account', () => {
  test('is theirs alone to read and to change, whatever the body names', async () => {
    const [ada, grace] = [await signedUp(accounts.send), await signedUp(accounts.send, { lastname: 'wu' })];
    const [before, other] = await rows(ada.id, grace.id);
    const foreign = { id: grace.id, account_id: grace.id, role: 'admin', password_hash: 'x' };
    expect((await ada.call('PUT', 'person', { ...person, ...foreign })).body).toEqual({ msg: 'ok' });
    expect((await ada.call('PUT', 'shipping', { ...shipping, ...foreign })).body).toEqual({ msg: 'ok' });
    expect(await rows(ada.id, grace.id)).toEqual([{ ...before, ...person, ...shipping }, other]);
    expect((await grace.call('GET', 'person')).body).toMatchObject({ lastname: 'wu', email: grace.email });
    expect((await ada.call('GET', 'person')).body).toEqual(person);
    expect((await ada.call('GET', 'shipping')).body).toEqual(shipping);
    expectProblem(await ada.call('GET', `person/${grace.id}`), 404, `/api/account/info/person/${grace.id}`);
    expect((await ada.call('GET', `person?id=${grace.id}`)).body).toEqual(person);
  });

  test('keeps its e-mail address when another account has the new one: 409', async () => {
    const [one, other] = [await signedUp(accounts.send), await signedUp(accounts.send)];
    const before = await rows(one.id);
    const taken = { ...person, email: other.email.toUpperCase() };
    const answer = await one.call('PUT', 'person', taken);
    expectProblem(answer, 409, '/api/account/info/person');
    expect(await rows(one.id)).toEqual(before);
  });

  test('may have its own e-mail address in other letters, and the new one logs in', async () => {
    const { call, email, password } = await signedUp(accounts.send);
    expect((await call('PUT', 'person', { ...person, email: email.toUpperCase() })).status).toBe(200);
    const changed = { ...person, email: `new-${email}` };
    expect((await call('PUT', 'person', changed)).status).toBe(200);
    const logIn = (email: string) => accounts.send('POST', '/api/account/auth/login', { email, password });
    expect([(await logIn(email)).status, (await logIn(changed.email)).status]).toEqual([401, 200]);
  });

  test.each(['underwriter', 'operator', 'admin'])(
    'keeps its e-mail address, which is on record, with the role %s: 403',
    async (role) => {
      const { call, id, email } = await signedUp(accounts.send);
      await accounts.sql`update account set role = ${role} where id = ${id}`;
      const before = await rows(id);
      const answer = await call('PUT', 'person', { ...person, email: `new-${email}` });
      expectProblem(answer, 403, '/api/account/info/person');
      expect(answer.body.errors).toMatchObject([{ pointer: '/email' }]);
      expect(await rows(id)).toEqual(before);
      expect((await call('PUT', 'person', { ...person, email })).status).toBe(200);
    },
  );

  const becomes = (role: string) => `update account set role = '${role}' where id = $1`;
  test.each([
    ['becomes an underwriter', 'customer', becomes('underwriter'), 403],
    ['is an underwriter no more', 'underwriter', becomes('customer'), 403],
    ['is deleted', 'customer', 'delete from account where id = $1', 401],
  ])(
    'changes no e-mail address when the account %s while the body arrives',
    async (_, role, change, status) => {
      const { access_token, id, email } = await signedUp(accounts.send);
      await accounts.sql.unsafe(becomes(role), [id]);
      const changed = `new-${email}`;
      const whole = new TextEncoder().encode(JSON.stringify({ ...person, email: changed }));
      // Pulled once the caller is authorised.
      const body = new ReadableStream(
        {
          async pull(controller) {
            await accounts.sql.unsafe(change, [id]);
            controller.enqueue(whole);
            controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      const headers = { ...bearer(access_token), 'content-length': String(whole.length) };
      const path = '/api/account/info/person';
      const response = await appOn(accounts).request(path, { method: 'PUT', headers, body, duplex: 'half' });
      expectProblem(await answerOf(response), status, path);
      expect(await accounts.sql`select 1 from account where email = ${changed}`).toEqual([]);
    },
  );

  const text = [7, null, undefined, [], '', ' ', 'A\0', 'A\ud800'];
  test.each([
    ['person', 'firstname', text],
    ['person', 'lastname', text],
    ['person', 'email', [...text, 'grace']],
    ['shipping', 'address', text],
    ['shipping', 'phone_number', text],
  ])('is 422 where the %s has a wrong %s, and stays as it is', async (part, field, values) => {
    const { call, id } = await signedUp(accounts.send);
    const before = await rows(id);
    for (const value of values) {
      const good = part === 'person' ? person : shipping;
      const answer = await call('PUT', part, { ...good, [field]: value });
      expectProblem(answer, 422, `/api/account/info/${part}`);
      expect(answer.body.errors[0].pointer).toBe(`/${field}`);
    }
    expect(await rows(id)).toEqual(before);
  });

  test('is not changed by what is no JSON: 400', async () => {
    const { call } = await signedUp(accounts.send);
    expectProblem(await call('PUT', 'person', '{'), 400, '/api/account/info/person');
  });
});

test('during an outage of the database, all calls are 503', async () => {
  const { access_token, refresh_token, email, password } = await signedUp(accounts.send);
  const away = openDatabase('postgres://127.0.0.1:1/x');
  const app = appOn({ registry: away, customers: away });
  const auth = '/api/account/auth';
  const info = '/api/account/info';
  const calls: [string, string, unknown?][] = [
    ['POST', `${auth}/signup`, somebody()],
    ['POST', `${auth}/login`, { email, password }],
    ['POST', `${auth}/refresh`, { refresh_token }],
    ['GET', `${info}/person`],
    ['PUT', `${info}/person`, person],
    ['GET', `${info}/shipping`],
    ['PUT', `${info}/shipping`, shipping],
  ];
  for (const [method, path, body] of calls) {
    const headers = bearer(access_token);
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await app.request(path, init);
    expect([path, response.status, response.headers.get('retry-after')]).toEqual([path, 503, '5']);
    expect(await response.text()).not.toMatch(/ECONN|127\.0\.0\.1|abcd5432/);
  }
  await away.end();
  const again = await accounts.send('POST', `${auth}/refresh`, { refresh_token });
  expect(again.status).toBe(200);
});
