import { randomBytes, randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/guard/database.ts';
import { newestKey } from '../../src/services/account/signing-key.ts';
import { freshDatabase } from '../support/databases.ts';
import { expectProblem } from '../support/resources.ts';
import { type Accounts, bearer, minute, read, signedUp, startAccounts } from './support.ts';

const path = '/api/account/info/person';
let accounts: Accounts;
let account: string;
let sid: unknown;
beforeAll(async () => {
  accounts = await startAccounts();
  const { id, access_token } = await signedUp(accounts.send);
  [account, sid] = [id, read(access_token)['sid']];
});
afterAll(() => accounts.end());

const ask = (headers: Record<string, string>) => accounts.send('GET', path, undefined, headers);
const seconds = (from: Date) => Math.floor(from.getTime() / 1_000);

function claims(): JWTPayload {
  const iat = seconds(accounts.now());
  return { iss: 'unwind', aud: 'unwind-api', sub: account, sid, role: 'customer', iat, exp: iat + 900 };
}

interface Forged {
  claims?: JWTPayload;
  alg?: string;
  kid?: string | undefined;
  secret?: Uint8Array;
}

/** A good token but for what is given. */
async function forge({ claims: other = {}, alg = 'HS256', secret, ...header }: Forged) {
  const key = await newestKey(accounts.registry);
  const kid = 'kid' in header ? header.kid : key.kid;
  return new SignJWT({ ...claims(), ...other })
    .setProtectedHeader({ alg, ...(kid !== undefined && { kid }) })
    .sign(secret ?? key.secret);
}

async function expectInvalid(token: string) {
  const answer = await ask(bearer(token));
  expectProblem(answer, 401, path);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="unwind", error="invalid_token"');
}

const without = (name: string): Forged => ({ claims: { [name]: undefined } });
const in_ = (minutes: number) => seconds(new Date(Date.now() + minutes * minute));

describe('an access token', () => {
  test('made as ours are is taken, so that what follows is refused for what it says', async () => {
    expect((await ask(bearer(await forge({})))).status).toBe(200);
  });

  test.each<[string, Forged]>([
    ['of another key', { secret: randomBytes(32) }],
    ['of another algorithm', { alg: 'HS512' }],
    ['of a key that there is not', { kid: '2' }],
    ['of a key whose name no database can hold', { kid: 'x\0' }],
    ['of a key whose name would be a statement', { kid: "1' or '1'='1" }],
    ['of no key', { kid: undefined }],
    ['of another issuer', { claims: { iss: 'upwind' } }],
    ['of another audience', { claims: { aud: 'unwind-console' } }],
    ['without an issuer', without('iss')],
    ['without an audience', without('aud')],
    ['without a subject', without('sub')],
    ['without a role', without('role')],
    ['without a log-in', without('sid')],
    ['of a log-in that there is not', { claims: { sid: randomUUID() } }],
    ['of a log-in that is no id', { claims: { sid: 'ming@ming.com' } }],
    ['without an expiry', without('exp')],
    ['without a beginning', without('iat')],
    ['for a subject that is no id', { claims: { sub: 'ming@ming.com' } }],
    ['for a subject with NUL', { claims: { sub: `${randomUUID()}\0` } }],
    ['for an account that there is not', { claims: { sub: randomUUID() } }],
    ['for a role that there is not', { claims: { role: 'root' } }],
    ['that has expired', { claims: { iat: in_(-16), exp: in_(-1) } }],
    ['that says it lasts for years', { claims: { iat: in_(-16), exp: in_(1_000_000) } }],
    ['that is not valid yet', { claims: { nbf: in_(1) } }],
    ['that was made in the future', { claims: { iat: in_(1), exp: in_(16) } }],
  ])('%s is 401', async (_, forged) => expectInvalid(await forge(forged)));

  test('without a signature is 401', async () => {
    await expectInvalid(new UnsecuredJWT(claims()).encode());
    const [, payload] = (await forge({})).split('.');
    for (const alg of ['none', 'None', 'HS256']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: '1' })).toString('base64url');
      await expectInvalid(`${header}.${payload}.`);
    }
  });

  test('of a key whose name is no text is 401', async () => {
    const [, payload, signature] = (await forge({})).split('.');
    for (const kid of [true, [true], {}, 1]) {
      const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid })).toString('base64url');
      await expectInvalid(`${header}.${payload}.${signature}`);
    }
  });

  test('that was changed is 401', async () => {
    const [header, payload, signature] = (await forge({})).split('.');
    const changed = Buffer.from(JSON.stringify({ ...claims(), role: 'admin' })).toString('base64url');
    await expectInvalid(`${header}.${changed}.${signature}`);
    for (const text of ['x', 'x.y.z', '..', `${header}.${payload}`, 'é'.repeat(9), '{}', `${header}.e30.`])
      await expectInvalid(Buffer.from(text).toString('latin1'));
  });

  test('is 401 after a quarter of an hour, and good until then', async () => {
    const { access_token } = await signedUp(accounts.send);
    accounts.pass(14.9 * minute);
    expect((await ask(bearer(access_token))).status).toBe(200);
    accounts.pass(0.3 * minute);
    await expectInvalid(access_token);
  });

  test('is 401 when its account, or its key, is gone', async () => {
    const { access_token, id } = await signedUp(accounts.send);
    const token = await forge({});
    await accounts.sql`delete from account where id = ${id}`;
    await expectInvalid(access_token);
    await accounts.sql`delete from signing_key`;
    await expectInvalid(token);
    await signedUp(accounts.send);
    await expectInvalid(token);
  });
});

test('a newer key signs, and what an older one has signed counts as long as that is there', async () => {
  const before = await forge({});
  await accounts.sql`insert into signing_key (kid, secret) values ('2', ${randomBytes(32).toString('base64url')})`;
  const after = await forge({});
  for (const token of [before, after]) expect((await ask(bearer(token))).status).toBe(200);
  await accounts.sql`delete from signing_key where kid = '1'`;
  await expectInvalid(before);
  expect((await ask(bearer(after))).status).toBe(200);
});

test.each([
  {},
  { authorization: '' },
  { authorization: 'bearer' },
  { authorization: 'bearer ' },
  { authorization: 'Basic bWluZzphYmNkNTQzMg==' },
  { authorization: 'bearer one two' },
])('without a token (%j) it is 401, and says how to send one', async (headers) => {
  for (const [method, path] of [
    ['GET', '/api/account/info/person'],
    ['PUT', '/api/account/info/person'],
    ['GET', '/api/account/info/shipping'],
    ['PUT', '/api/account/info/shipping'],
  ] as const) {
    const answer = await accounts.send(method, path, method === 'PUT' ? '{' : undefined, headers);
    expectProblem(answer, 401, path);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="unwind"');
  }
});

test('the key is one for all processes, also when ten ask for it at once', async () => {
  const unwind = await freshDatabase('unwind');
  const processes = Array.from({ length: 10 }, () => openDatabase(unwind, { max: 1 }));
  const keys = await Promise.all(processes.map(newestKey));
  const distinct = new Set(keys.map(({ kid, secret }) => `${kid} ${Buffer.from(secret).toString('hex')}`));
  expect([...distinct]).toEqual([expect.stringMatching(/^1 [\da-f]{64}$/)]);
  await Promise.all(processes.map((database) => database.end()));
});
