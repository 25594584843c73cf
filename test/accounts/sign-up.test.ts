import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/guard/database.ts';
import { expectProblem, sender, uuid } from '../support/resources.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { type Accounts, appOn, read, signedUp, somebody, startAccounts } from './support.ts';

const path = '/api/account/auth/signup';
let accounts: Accounts;
beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.end());
beforeEach(() => accounts.sql`delete from account`);

const signUp = (body: unknown) => accounts.send('POST', path, body);
const stored = () => accounts.sql`select * from account`;

describe('signing up', () => {
  test('stores the account, with the role of a customer and a hash of the password', async () => {
    const { password, ...person } = somebody();
    const { status, headers, body } = await signUp({ password, ...person });
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    const [row, ...others] = await stored();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ ...person, id: uuid, role: 'customer' });
    expect(row?.['id'][14]).toBe('7');
    expect(row?.['password_hash']).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(read(body.access_token)).toEqual({
      alg: 'HS256',
      kid: '1',
      iss: 'unwind',
      aud: 'unwind-api',
      sub: row?.['id'],
      sid: expect.any(String),
      role: 'customer',
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    const { exp = 0, iat = 0 } = read(body.access_token);
    expect(exp - iat).toBe(15 * 60);
    expect(JSON.stringify(await accounts.sql`select * from refresh_token`)).not.toContain(body.refresh_token);
  });

  test('hashes one password twice to different hashes', async () => {
    await signedUp(accounts.send);
    await signedUp(accounts.send);
    const hashes = await accounts.sql`select distinct password_hash from account`;
    expect(hashes).toHaveLength(2);
  });

  test('ignores a role, an id and whatever else it does not know', async () => {
    const id = crypto.randomUUID();
    await signedUp(accounts.send, Object.assign(somebody(), { id, role: 'admin', colour: 'red' }));
    const [row] = await stored();
    expect(row?.['role']).toBe('customer');
    expect(row?.['id']).not.toBe(id);
  });

  test('with an e-mail address that somebody has, in other letters, is 400 and stores nothing', async () => {
    const { email } = await signedUp(accounts.send);
    const again = { ...somebody(), email: email.toUpperCase(), password: 'something else' };
    expectProblem(await signUp(again), 400, path);
    expect(await accounts.sql`select email, firstname from account`).toEqual([{ email, firstname: 'ming' }]);
    expect(await accounts.sql`select 1 from refresh_token`).toHaveLength(1);
  });

  test('twenty times at once with one e-mail address makes one account', async () => {
    const { email, ...person } = somebody();
    const write = (_: unknown, at: number) =>
      signUp({ ...person, email: at % 2 ? email : email.toUpperCase() });
    const answers = await Promise.all(Array.from({ length: 20 }, write));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(19).fill(400)]);
    expect(await stored()).toHaveLength(1);
    expect(await accounts.sql`select 1 from refresh_token`).toHaveLength(1);
  });

  test('succeeds if the account is stored and the database is lost after that', async () => {
    const { customers, databases } = accounts;
    const proxy = await tcpProxy(databases.unwind, (client, upstream) => {
      const isOfAccount = (bytes: Buffer) => /(from|update) "account"/.test(bytes.toString());
      client.on('data', (bytes) => (isOfAccount(bytes) ? client.destroy() : upstream.write(bytes)));
      upstream.on('data', (bytes) => client.write(bytes));
    });
    const registry = openDatabase(proxy.url);
    const app = appOn({ registry, customers });
    const { status } = await sender(app.request)('POST', path, somebody());
    expect([status, (await stored()).length]).toEqual([201, 1]);
    await registry.end();
    proxy.close();
  });

  test.each([8, 200])('takes a password of %d characters', async (length) => {
    const password = ' ü'.repeat(length / 2);
    const { email } = await signedUp(accounts.send, { password });
    const { status } = await accounts.send('POST', '/api/account/auth/login', { email, password });
    expect(status).toBe(200);
  });
});

const text = [7, null, [], {}, '', ' ', 'A\0', 'A\ud800', undefined];
const wrong = {
  password: [7, null, undefined, '', '1234567', 'x'.repeat(201), 'abcd5432\0', 'abcd5432\udc00'],
  firstname: [...text, 'x'.repeat(201)],
  lastname: [...text, 'x'.repeat(201)],
  email: [...text, 'ming', 'ming@', 'm\0@ming.com', 'm\ud800@ming.com', `${'x'.repeat(65)}@ming.com`],
  address: [...text, 'x'.repeat(501)],
  phone_number: [...text, 1234567, 'x'.repeat(51)],
};

describe('a sign-up whose field is wrong', () => {
  test.each(Object.entries(wrong))('is 422 naming %s, and stores nothing', async (field, values) => {
    for (const value of values) {
      const answer = await signUp({ ...somebody(), [field]: value });
      expectProblem(answer, 422, path);
      const named = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
      expect([value, [...new Set(named)]]).toEqual([value, [`/${field}`]]);
    }
    expect(await stored()).toEqual([]);
  });

  test('or that is no JSON is 400, or no object 422', async () => {
    for (const body of ['', '{', 'email=ming@ming.com&password=abcd5432'])
      expectProblem(await signUp(body), 400, path);
    for (const body of [[], 'null', '7', '"x"']) expectProblem(await signUp(body), 422, path);
  });

  test('or that is too large is 413', async () => {
    expectProblem(await signUp({ ...somebody(), address: 'x'.repeat(70_000) }), 413, path);
  });
});

test.each(['signup', 'login', 'refresh'])('%s takes POST alone', async (name) => {
  const answer = await accounts.send('GET', `/api/account/auth/${name}`);
  expectProblem(answer, 405, `/api/account/auth/${name}`);
  expect(answer.headers.get('allow')).toBe('POST');
});
