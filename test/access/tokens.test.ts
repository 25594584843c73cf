import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newestKey } from '../../src/services/account/signing-key.ts';
import { type Accounts, appOn, bearer, minute, signedUp, startAccounts } from '../accounts/support.ts';
import { expectProblem, type Send, sender } from '../support/resources.ts';

let accounts: Accounts;
let apps: Record<'on' | 'off', ReturnType<typeof appOn>>;
let send: Record<'on' | 'off', Send>;
beforeAll(async () => {
  accounts = await startAccounts();
  const app = (auth: 'on' | 'off') => appOn(accounts, { clock: accounts.now, auth });
  apps = { on: app('on'), off: app('off') };
  send = { on: sender(apps.on.request), off: sender(apps.off.request) };
});
afterAll(() => accounts.end());

/** Whoever calls. */
const open = [
  'GET /api/product/:id',
  'GET /api/products',
  'GET /docs',
  'GET /docs/start.js',
  'GET /docs/swagger-ui-bundle.js',
  'GET /docs/swagger-ui.css',
  'GET /liveness',
  'GET /openapi.json',
  'GET /readiness',
  'POST /api/account/auth/login',
  'POST /api/account/auth/refresh',
  'POST /api/account/auth/signup',
];
/** While AUTH is off, what an account alone can have. */
const ofAccounts = [
  'GET /api/account/info/person',
  'GET /api/account/info/shipping',
  'GET /api/order/:id',
  'GET /api/payment/:id',
  'GET /api/purchase/result',
  'POST /api/purchase',
  'PUT /api/account/info/person',
  'PUT /api/account/info/shipping',
];

const routesOf = (auth: 'on' | 'off') => [
  ...new Set(apps[auth].routes.flatMap(({ method, path }) => (method === 'ALL' ? [] : `${method} ${path}`))),
];

function ask(auth: 'on' | 'off', route: string, headers: Record<string, string> = {}) {
  const [method = '', path = ''] = route.split(' ');
  const body = method === 'POST' || method === 'PUT' ? '{}' : undefined;
  const json = { 'content-type': 'application/json' };
  return send[auth](
    method,
    path.replaceAll(/:\w+/g, () => randomUUID()),
    body,
    { ...json, ...headers },
  );
}

describe('without a token', () => {
  test('every route but the open ones is 401 with AUTH=on, whatever it is sent', async () => {
    const asking = routesOf('on').filter((route) => !open.includes(route));
    expect(asking).toEqual(expect.arrayContaining(['POST /sagas/:id/resolve', 'GET /ledger/balances']));
    for (const route of asking) {
      const { status, headers } = await ask('on', route);
      expect([route, status]).toEqual([route, 401]);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="unwind"');
    }
  });

  test('a token in the URL, where logs would show it, is none', async () => {
    const { access_token } = await signedUp(accounts.send);
    expect((await ask('on', 'GET /sagas', bearer(access_token))).status).toBe(200);
    const { status, headers } = await ask('on', `GET /sagas?access_token=${access_token}`);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="unwind"']);
  });

  test('the open routes are just these, with AUTH=on', async () => {
    const answers = await Promise.all(
      open.map(async (route) => {
        const [method = '', path = ''] = route.split(' ');
        const { status, headers } = await apps.on.request(path, { method });
        return [route, status === 401 && headers.get('www-authenticate') !== null];
      }),
    );
    expect(answers).toEqual(open.map((route) => [route, false]));
    expect(open.filter((route) => !routesOf('on').includes(route))).toEqual([]);
  });

  test('with AUTH=off only what belongs to an account is 401', async () => {
    const refused: string[] = [];
    for (const route of routesOf('off').filter(
      (one) => !one.includes('/sagas') && !one.startsWith('GET /docs'),
    ))
      if (!route.includes('openapi') && (await ask('off', route)).status === 401) refused.push(route);
    expect(refused.filter((route) => !route.includes('/auth/')).sort()).toEqual(ofAccounts);
  });

  test('a path that is not there is 404, and another method 405', async () => {
    expectProblem(await send.on('GET', '/nothing'), 404, '/nothing');
    expectProblem(await send.on('DELETE', '/sagas'), 405, '/sagas');
  });
});

/** A token as ours are, but for its account. */
async function foreign() {
  const { kid, secret } = await newestKey(accounts.registry);
  const iat = Math.floor(accounts.now().getTime() / 1_000);
  return new SignJWT({
    iss: 'unwind',
    aud: 'unwind-api',
    sub: randomUUID(),
    role: 'admin',
    iat,
    exp: iat + 900,
  })
    .setProtectedHeader({ alg: 'HS256', kid })
    .sign(secret);
}

describe.each(['on', 'off'] as const)('with AUTH=%s', (auth) => {
  const askers = [
    'GET /sagas',
    'GET /sagas/:id',
    'GET /sagas/:id/events',
    'POST /sagas/rehearsal',
    'POST /start',
    'POST /sagas/:id/decision',
    'POST /sagas/:id/retry',
    'GET /customers',
    'POST /customers',
    'DELETE /loans/:id',
    'POST /payments',
  ];

  async function expectInvalid(token: string) {
    for (const route of askers) {
      const { status, headers } = await ask(auth, route, bearer(token));
      expect([route, status]).toEqual([route, 401]);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="unwind", error="invalid_token"');
    }
  }

  test('a malformed token is 401', () => expectInvalid('x.y.z'));
  test('a token of an account that there is not is 401', async () => expectInvalid(await foreign()));

  test('a token that has expired, or whose account is gone, is 401', async () => {
    const [late, gone] = [await signedUp(accounts.send), await signedUp(accounts.send)];
    await accounts.sql`delete from account where id = ${gone.id}`;
    await expectInvalid(gone.access_token);
    accounts.pass(16 * minute);
    await expectInvalid(late.access_token);
  });

  test.each(['Basic bWluZzphYmNkNTQzMg==', 'Bearer', 'Bearer one two'])(
    '"%s" is 401',
    async (authorization) => {
      for (const route of askers) expect((await ask(auth, route, { authorization })).status).toBe(401);
    },
  );

  test('the document names the token, the routes that need it, and the responses without it', async () => {
    const document: Document = (await send[auth]('GET', '/openapi.json')).body;
    expect(document.components.securitySchemes).toEqual({
      account: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    });
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, { security, responses }] of Object.entries(methods)) {
        const route = `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
        const isOpen = open.includes(route) || (auth === 'off' && route === 'POST /api/product');
        const mayBeLeftOut = auth === 'off' && !ofAccounts.includes(route);
        const needed = [{ account: [] }, ...(mayBeLeftOut ? [{}] : [])];
        expect([route, security]).toEqual([route, isOpen ? undefined : needed]);
        if (!isOpen)
          expect([route, Object.keys(responses)]).toEqual([route, expect.arrayContaining(['401'])]);
        if (method !== 'get' && !isOpen && !route.includes('/info/'))
          expect([route, Object.keys(responses)]).toEqual([route, expect.arrayContaining(['403'])]);
      }
  });
});

interface Document {
  paths: Record<string, Record<string, { security?: object[]; responses: object }>>;
  components: { securitySchemes: object };
}

test('with AUTH=off anybody can add a product, with any token', async () => {
  const answer = await ask('off', 'POST /api/product', bearer('x.y.z'));
  expect(answer.status).toBe(422);
  expect((await ask('on', 'POST /api/product', bearer('x.y.z'))).status).toBe(401);
});
