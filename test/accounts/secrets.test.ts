import { afterAll, beforeAll, expect, test } from 'vitest';
import { logLines } from '../metrics/log-lines.ts';
import { type Accounts, bearer, signedUp, somebody, startAccounts } from './support.ts';

const { logger, lines } = logLines();
let accounts: Accounts;
beforeAll(async () => {
  accounts = await startAccounts(logger);
});
afterAll(() => accounts.end());

const post = (name: string, body: unknown) => accounts.send('POST', `/api/account/auth/${name}`, body);

test('no password, hash, key or token is in a log, or in a response other than a token pair', async () => {
  const password = 'correct horse battery';
  const ada = await signedUp(accounts.send, { password, email: 'ada.lovelace@example.com' });
  const { email, access_token, refresh_token } = ada;
  const { body: pair } = await post('refresh', { refresh_token });
  const answers = [
    await post('signup', { ...somebody(), email, password }),
    await post('signup', { ...somebody(), email: 'ada.lovelace', password }),
    await post('signup', { ...somebody(), password: `${password}\0` }),
    await post('login', { email, password: `${password}!` }),
    await post('login', `{"password":"${password}"`),
    await post('refresh', { refresh_token }),
    await post('refresh', { refresh_token: pair.refresh_token }),
    await ada.call('GET', 'person'),
    await ada.call('GET', 'shipping'),
    await ada.call('PUT', 'person', { firstname: 'Ada', lastname: 'King', email }),
    await accounts.send('GET', '/api/account/info/person', undefined, bearer(`${access_token}x`)),
  ];
  const [stored] = await accounts.sql`
    select password_hash, secret, (select string_agg(token_hash, '|') from refresh_token) as tokens
    from account, signing_key where email = ${email}`;

  await accounts.sql`alter table account add constraint nobody check (email like 'nobody%') not valid`;
  await accounts.sql`alter table refresh_token add constraint never check (used_at is null) not valid`;
  const { body: login } = await post('login', { email, password });
  const failed = [
    await post('signup', { ...somebody(), password }),
    await post('refresh', { refresh_token: login.refresh_token }),
  ];
  expect(failed.map(({ status }) => status)).toEqual([500, 500]);
  expect(lines.filter(({ msg }) => msg === 'request failed')).toHaveLength(2);

  const private_ = [password, access_token, refresh_token, ...Object.values(pair), ...Object.values(login)];
  const hidden = [
    ...private_,
    stored?.['password_hash'],
    stored?.['secret'],
    ...String(stored?.['tokens']).split('|'),
  ];
  const told = JSON.stringify([lines, answers.concat(failed).map(({ body }) => body)]);
  for (const secret of hidden) expect(told.includes(String(secret)), String(secret)).toBe(false);
  expect(told).not.toMatch(/argon2id|eyJ/);
  expect(JSON.stringify(lines)).not.toMatch(/lovelace|ada\.|ming-/i);
});

test('a request is one line, with its route and status', async () => {
  lines.length = 0;
  await post('login', { email: 'nobody@example.com', password: 'x' });
  expect(lines).toMatchObject([
    { msg: 'request', method: 'POST', route: '/api/account/auth/login', status: 401 },
  ]);
});
