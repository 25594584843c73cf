import * as argon2 from '@node-rs/argon2';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { expectProblem } from '../support/resources.ts';
import { type Accounts, bearer, day, minute, signedUp, startAccounts } from './support.ts';

vi.mock('@node-rs/argon2', { spy: true });

const path = '/api/account/auth/login';
let accounts: Accounts;
beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.end());
beforeEach(() => void vi.mocked(argon2.verify).mockClear());

const logIn = (email: unknown, password: unknown) => accounts.send('POST', path, { email, password });

describe('logging in', () => {
  test('is 200 with a pair that counts, whatever the letters of the e-mail address', async () => {
    const { email, password, id } = await signedUp(accounts.send);
    const { status, headers, body } = await logIn(email.toUpperCase(), password);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    const person = await accounts.send(
      'GET',
      '/api/account/info/person',
      undefined,
      bearer(body.access_token),
    );
    expect(person).toMatchObject({ status: 200, body: { email } });
    const families = await accounts.sql`select distinct family from refresh_token where account_id = ${id}`;
    expect(families).toHaveLength(2);
  });

  test('takes a password however its characters are composed', async () => {
    const { email } = await signedUp(accounts.send, { password: 'caf\u00e9 noir' });
    expect((await logIn(email, 'cafe\u0301 noir')).status).toBe(200);
  });

  test('with a wrong password, or an e-mail address of nobody, is the same 401', async () => {
    const { email, password } = await signedUp(accounts.send);
    const answers = [
      await logIn(email, `${password} `),
      await logIn(email, ''),
      await logIn(email, password.toUpperCase()),
      await logIn(email, 'x'.repeat(10_000)),
      await logIn('nobody@ming.com', password),
    ];
    for (const answer of answers) {
      expectProblem(answer, 401, path);
      expect(answer.body).toEqual(answers[0]?.body);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="unwind"');
    }
  });

  test('works as hard for an e-mail address of nobody as for a wrong password', async () => {
    const { email } = await signedUp(accounts.send);
    await logIn(email, 'wrong password');
    await logIn('nobody@ming.com', 'wrong password');
    const hashes = vi.mocked(argon2.verify).mock.calls.map(([hash]) => String(hash));
    expect(hashes).toHaveLength(2);
    // Parameters stay, salt and hash are told by their lengths alone.
    const [known, unknown] = hashes.map((hash) => hash.replace(/[\w+/]{22,}/g, ({ length }) => `${length}`));
    expect(unknown).toBe(known);
    expect(hashes[1]).not.toBe(hashes[0]);
  });

  test('forgets refresh tokens that have expired, and no others', async () => {
    const { email, password, id } = await signedUp(accounts.send);
    await logIn(email, password);
    const past = new Date(Date.now() - day).toISOString();
    await accounts.sql`
      update refresh_token set expires_at = ${past} where token_hash in
        (select token_hash from refresh_token where account_id = ${id} limit 1)`;
    await logIn(email, password);
    const left = () => accounts.sql`select 1 from refresh_token where account_id = ${id}`;
    expect(await left()).toHaveLength(2);
    await accounts.sql`update refresh_token set expires_at = ${past} where account_id = ${id}`;
    const other = await signedUp(accounts.send);
    await logIn(other.email, other.password);
    expect(await left()).toHaveLength(0);
  });
});

describe('after twenty wrong passwords for an e-mail address', () => {
  async function blocked() {
    const person = await signedUp(accounts.send);
    for (let failure = 0; failure < 20; failure++)
      expect((await logIn(failure % 2 ? person.email.toUpperCase() : person.email, 'wrong')).status).toBe(
        401,
      );
    vi.mocked(argon2.verify).mockClear();
    return person;
  }

  test('a log-in is 429 with Retry-After, with the right password too, and hashes nothing', async () => {
    const { email, password } = await blocked();
    const answer = await logIn(email, password);
    expectProblem(answer, 429, path);
    const seconds = Number(answer.headers.get('retry-after'));
    expect([seconds > 14 * 60, seconds <= 15 * 60]).toEqual([true, true]);
    expect(argon2.verify).not.toHaveBeenCalled();
    const other = await signedUp(accounts.send);
    expect((await logIn(other.email, other.password)).status).toBe(200);
  });

  test('it works again a quarter of an hour after the first', async () => {
    const { email, password } = await blocked();
    accounts.pass(15 * minute);
    expect((await logIn(email, password)).status).toBe(200);
    for (let failure = 0; failure < 3; failure++) await logIn(email, 'wrong');
    expect((await logIn(email, password)).status).toBe(200);
  });

  test('nothing is counted of what has expired, and it is deleted', async () => {
    await logIn('nobody@ming.com', 'wrong');
    accounts.pass(15 * minute);
    await logIn('somebody-else@ming.com', 'wrong');
    expect(await accounts.sql`select email, failures from log_in_failure`).toEqual([
      { email: 'somebody-else@ming.com', failures: 1 },
    ]);
  });
});

test('a right password forgets the wrong ones before it', async () => {
  const { email, password } = await signedUp(accounts.send);
  for (let round = 0; round < 2; round++) {
    for (let failure = 0; failure < 19; failure++) await logIn(email, 'wrong');
    expect((await logIn(email, password)).status).toBe(200);
  }
});

test('a log-in that waits for its turn for too long is 429, and those before it are not', async () => {
  const { email, password } = await signedUp(accounts.send);
  const verify = vi.mocked(argon2.verify);
  onTestFinished(() => void vi.useRealTimers());
  let release = () => {};
  const held = new Promise<boolean>((resolve) => {
    release = () => resolve(true);
  });
  for (let hash = 0; hash < 3; hash++) verify.mockReturnValueOnce(held);
  const three = Array.from({ length: 3 }, () => logIn(email, password));
  await expect.poll(() => verify.mock.calls.length).toBe(3);

  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const fourth = logIn(email, password);
  while (vi.getTimerCount() === 0) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(5_000);
  const answer = await fourth;
  expectProblem(answer, 429, path);
  expect(answer.headers.get('retry-after')).toBe('5');

  vi.useRealTimers();
  release();
  expect((await Promise.all(three)).map(({ status }) => status)).toEqual([200, 200, 200]);
});

describe('a log-in whose field is wrong', () => {
  test.each([
    ['email', [7, null, undefined, 'ming', 'm\0@ming.com', 'm\ud800@ming.com']],
    ['password', [7, null, undefined, {}, 'abcd5432\0', 'abcd5432\ud800']],
  ])('is 422 naming %s', async (field, values) => {
    for (const value of values) {
      const fields = { email: 'ming@ming.com', password: 'abcd5432', [field]: value };
      const answer = await logIn(fields.email, fields.password);
      expectProblem(answer, 422, path);
      expect(answer.body.errors).toMatchObject([{ pointer: `/${field}` }]);
    }
  });
});
