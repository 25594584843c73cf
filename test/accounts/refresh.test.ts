import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/resources.ts';
import { type Accounts, bearer, day, read, signedUp, startAccounts, type Tokens } from './support.ts';

const path = '/api/account/auth/refresh';
let accounts: Accounts;
beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.end());

const refresh = (refresh_token: unknown) => accounts.send('POST', path, { refresh_token });
const hash = (token: string) => createHash('sha256').update(token).digest('hex');
const works = async ({ access_token }: Tokens) =>
  (await accounts.send('GET', '/api/account/info/person', undefined, bearer(access_token))).status === 200;

async function refreshed(token: string): Promise<Tokens> {
  const { status, headers, body } = await refresh(token);
  expect([status, headers.get('cache-control')], JSON.stringify(body)).toEqual([200, 'no-store']);
  return body;
}

async function refused(token: string) {
  const answer = await refresh(token);
  expectProblem(answer, 401, path);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="unwind", error="invalid_token"');
}

/** `used`, `revoked`, both or neither, of each token of an account, oldest first. */
async function states(account: string) {
  const rows = await accounts.sql`
    select used_at, revoked_at from refresh_token where account_id = ${account}
    order by created_at, used_at nulls last`;
  return rows.map((row) =>
    [row['used_at'] && 'used', row['revoked_at'] && 'revoked'].filter(Boolean).join(' '),
  );
}

describe('refreshing', () => {
  test('returns a new pair, and the new refresh token works as the old one did', async () => {
    const first = await signedUp(accounts.send);
    const second = await refreshed(first.refresh_token);
    const third = await refreshed(second.refresh_token);
    const tokens = [first, second, third].map(({ refresh_token }) => refresh_token);
    expect(new Set(tokens).size).toBe(3);
    expect(await works(third)).toBe(true);
    expect(read(third.access_token).sub).toBe(first.id);
    expect(await states(first.id)).toEqual(['used', 'used', '']);
    const rows =
      await accounts.sql`select token_hash, family from refresh_token where account_id = ${first.id}`;
    expect(rows.map((row) => row['token_hash']).sort()).toEqual(tokens.map(hash).sort());
    expect(new Set(rows.map((row) => row['family'])).size).toBe(1);
  });

  test('with a token that was used is 401, and ends the log-in with all its tokens', async () => {
    const first = await signedUp(accounts.send);
    const second = await refreshed(first.refresh_token);
    expect([await works(first), await works(second)]).toEqual([true, true]);
    await refused(first.refresh_token);
    await refused(second.refresh_token);
    expect(await states(first.id)).toEqual(['used revoked', 'revoked']);
    expect([await works(first), await works(second)]).toEqual([false, false]);
  });

  test('deletes expired tokens, also of accounts that never log in again', async () => {
    const first = await signedUp(accounts.send);
    const second = await refreshed(first.refresh_token);
    await accounts.sql`
      update refresh_token set expires_at = now() - interval '1 day'
      where token_hash = ${hash(first.refresh_token)}`;
    await refreshed(second.refresh_token);
    expect(await states(first.id)).toEqual(['used', '']);
  });

  test('leaves other log-ins of the account alone when a family is revoked', async () => {
    const { email, password, refresh_token } = await signedUp(accounts.send);
    const other = await accounts.send('POST', '/api/account/auth/login', { email, password });
    await refreshed(refresh_token);
    await refused(refresh_token);
    expect(await works(other.body)).toBe(true);
    await refreshed(other.body.refresh_token);
  });

  test('twice at once with one token: one wins, and the family is revoked', async () => {
    const { id, refresh_token } = await signedUp(accounts.send);
    const answers = await Promise.all([refresh(refresh_token), refresh(refresh_token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const won: Tokens = answers.find(({ status }) => status === 200)?.body;
    await refused(won.refresh_token);
    expect(await states(id)).toEqual(['used revoked', 'revoked']);
  });

  test('at once with the stolen token and the next one leaves no token that works', async () => {
    for (let round = 0; round < 10; round++) {
      const { id, refresh_token: stolen } = await signedUp(accounts.send);
      const { refresh_token: next } = await refreshed(stolen);
      await Promise.all([refresh(next), refresh(stolen)]);
      expect((await states(id)).filter((state) => !state.includes('revoked'))).toEqual([]);
    }
  });

  test.each(['', 'x', '0'.repeat(43), 'x'.repeat(20_000)])('with "%s" is 401', (token) => refused(token));

  test.each([7, null, undefined, [], 'x\0', 'x\ud800'])('with %j is 422 naming the field', async (token) => {
    const answer = await refresh(token);
    expectProblem(answer, 422, path);
    expect(answer.body.errors).toMatchObject([{ pointer: '/refresh_token' }]);
  });

  test('with the access token, or the stored hash, is 401', async () => {
    const { access_token, refresh_token } = await signedUp(accounts.send);
    await refused(access_token);
    await refused(hash(refresh_token));
    await refreshed(refresh_token);
  });

  test('gives the role that the account has now', async () => {
    const { id, refresh_token } = await signedUp(accounts.send);
    await accounts.sql`update account set role = 'operator' where id = ${id}`;
    expect(read((await refreshed(refresh_token)).access_token)['role']).toBe('operator');
  });

  test('is 401 when the account is gone', async () => {
    const { id, refresh_token } = await signedUp(accounts.send);
    await accounts.sql`delete from account where id = ${id}`;
    await refused(refresh_token);
  });

  test('is possible for 30 days, and an expired token revokes nothing', async () => {
    const { id, refresh_token } = await signedUp(accounts.send);
    accounts.pass(29.9 * day);
    const next = await refreshed(refresh_token);
    expect(await works(next)).toBe(true);
    accounts.pass(30.1 * day);
    await refused(next.refresh_token);
    expect(await states(id)).toEqual(['used', '']);
  });
});
