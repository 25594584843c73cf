import { Semaphore, withTimeout } from 'async-mutex';
import { z } from 'zod';
import { logIn } from '../../services/account/log-in.ts';
import { blockedUntil } from '../../services/account/log-in-failures.ts';
import { readPerson } from '../../services/account/read-person.ts';
import { readShipping } from '../../services/account/read-shipping.ts';
import { refresh } from '../../services/account/refresh.ts';
import {
  type Identity,
  logInBody,
  personBody,
  personRow,
  refreshBody,
  shippingBody,
  shippingRow,
  signUpBody,
  tokenPair,
} from '../../services/account/resource.ts';
import { signUp } from '../../services/account/sign-up.ts';
import { updatePerson } from '../../services/account/update-person.ts';
import { updateShipping } from '../../services/account/update-shipping.ts';
import { askDatabase, writeDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { unauthorized } from '../http/bearer.ts';
import { later, Problem, tooMany } from '../http/problem.ts';
import { problems } from '../http/problem-responses.ts';
import { readJsonBody } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { accountOf, callerOf, invalidToken } from './identity.ts';
import { linkedCustomer } from './own.ts';

/** Node has four threads: the rest resolves host names. */
const maxHashesAtOnce = 3;
const maxWaitMs = 5_000;

/** RFC 6749: responses with tokens are not cached. */
const noStore = { 'cache-control': 'no-store' };
const done = z.object({ msg: z.literal('ok') });

export function accountRoutes(context: ApiContext) {
  const { registry, clock } = context;
  const { routes, get, post, put } = jsonRoutes(context, 'accounts');
  const limiter = withTimeout(new Semaphore(maxHashesAtOnce), maxWaitMs, tooMany('too many log in at once'));
  const limited = <T>(call: () => Promise<T>) => limiter.runExclusive(() => writeDatabase(call));
  routes.openAPIRegistry.registerComponent('securitySchemes', 'account', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
  });

  post(
    '/api/account/auth/signup',
    {
      access: 'nothing',
      operation: 'signUp',
      summary: 'Make an account, and log in',
      body: signUpBody,
      response: tokenPair,
      keyed: false,
      more: problems(429),
    },
    async (c) => {
      const body = await readJsonBody(c, signUpBody);
      const made = await limited(() => signUp(registry, body, clock()));
      if (!made) throw new Problem(400, 'there is an account with this e-mail address: log in');
      await linkNow(context, made.account);
      return c.json(made.pair, 201, noStore);
    },
  );

  post(
    '/api/account/auth/login',
    {
      access: 'nothing',
      operation: 'logIn',
      summary: 'Log in',
      body: logInBody,
      response: tokenPair,
      success: 200,
      keyed: false,
      more: problems(401, 429),
    },
    async (c) => {
      const body = await readJsonBody(c, logInBody);
      const pair = await limited(async () => {
        const until = await blockedUntil(registry, body.email, clock());
        if (until) throw tooManyFailures(until, clock());
        return logIn(registry, body, clock());
      });
      if (!pair) throw unauthorized('the e-mail address or the password is wrong');
      return c.json(pair, 200, noStore);
    },
  );

  post(
    '/api/account/auth/refresh',
    {
      access: 'nothing',
      operation: 'refreshTokens',
      summary: 'A new pair of tokens for a refresh token, which can be used once',
      body: refreshBody,
      response: tokenPair,
      success: 200,
      keyed: false,
      more: problems(401),
    },
    async (c) => {
      const { refresh_token } = await readJsonBody(c, refreshBody);
      const pair = await writeDatabase(() => refresh(registry, refresh_token, clock()));
      if (!pair) throw unauthorized('the refresh token is not valid any more: log in', 'invalid_token');
      return c.json(pair, 200, noStore);
    },
  );

  const person = '/api/account/info/person';
  get(
    person,
    { access: 'use an account', operation: 'getPerson', summary: 'Who you are', response: personRow },
    async (c, caller) => {
      return c.json(ofAccount(await askDatabase(() => readPerson(registry, caller.id))));
    },
  );
  put(
    person,
    {
      access: 'use an account',
      operation: 'updatePerson',
      summary: 'Change your name or e-mail address',
      body: personBody,
      response: done,
      more: problems(403),
    },
    async (c, caller) => {
      const { email } = accountOf(caller);
      const body = await readJsonBody(c, personBody);
      const keepsEmail = body.email.toLowerCase() === email.toLowerCase();
      // The link is by the address that the customer was registered with.
      if (caller.role === 'customer' && !keepsEmail) await linkedCustomer(context, caller);
      const updated = await writeDatabase(() => updatePerson(registry, caller, body));
      // Throws the 401 if the account has been deleted.
      if (!updated) throw emailOnRecord((await callerOf(context, c)).role);
      return c.json({ msg: 'ok' });
    },
  );

  const shipping = '/api/account/info/shipping';
  get(
    shipping,
    {
      access: 'use an account',
      operation: 'getShipping',
      summary: 'Where you get deliveries',
      response: shippingRow,
    },
    async (c, caller) => {
      return c.json(ofAccount(await askDatabase(() => readShipping(registry, caller.id))));
    },
  );
  put(
    shipping,
    {
      access: 'use an account',
      operation: 'updateShipping',
      summary: 'Change where you get deliveries',
      body: shippingBody,
      response: done,
    },
    async (c, caller) => {
      const body = await readJsonBody(c, shippingBody);
      if (!(await writeDatabase(() => updateShipping(registry, caller.id, body)))) throw invalidToken();
      return c.json({ msg: 'ok' });
    },
  );
  return routes;
}

/** An outage does not prevent a sign-up: the link is made when it is first needed. */
async function linkNow(context: ApiContext, account: Identity): Promise<void> {
  await linkedCustomer(context, { account }).catch((error: unknown) => {
    if (!(error instanceof Problem && error.status === 503)) throw error;
  });
}

function tooManyFailures(until: Date, now: Date): Problem {
  const seconds = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1_000));
  const detail = 'too many wrong passwords for this e-mail address: log in again later';
  return later(429, detail, seconds);
}

/** Decisions and commands record the account's address. */
function emailOnRecord(role: string): Problem {
  const detail = `stands on record for the role ${role}: have an account made for the new one (npm run admin)`;
  return new Problem(403, `the e-mail address ${detail}`, { errors: [{ pointer: '/email', detail }] });
}

/** The account may have been deleted since its token was read. */
function ofAccount<T>(value: T | undefined): T {
  if (value === undefined) throw invalidToken();
  return value;
}
