import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Logger } from 'pino';
import postgres from 'postgres';
import { createApp } from '../../src/api/app.ts';
import { createTemporalClient } from '../../src/api/temporal.ts';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { createLogger } from '../../src/logger.ts';
import { freshDatabases, inPlaceOfAll } from '../support/databases.ts';
import { created, type Send, sender } from '../support/resources.ts';

export type Accounts = Awaited<ReturnType<typeof startAccounts>>;

export const minute = 60_000;
export const day = 24 * 60 * minute;

/** The API with databases of its own, a clock to turn, and no Temporal. */
export async function startAccounts(logger: Logger = createLogger('test', 'silent')) {
  const databases = await freshDatabases();
  const registry = openDatabase(databases.unwind);
  const customers = openDatabase(databases.customer);
  const sql = postgres(databases.unwind, { max: 2 });
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const send = sender(appOn({ registry, customers }, { logger, clock: now }).request);

  return {
    customers,
    databases,
    now,
    registry,
    send,
    sql,
    /** The API's clock goes on by so many milliseconds. */
    pass(milliseconds: number) {
      ahead += milliseconds;
    },
    async end() {
      await sql.end();
      await Promise.all([registry.end(), customers.end()]);
    },
  };
}

export function appOn(
  { registry, customers }: { registry: Database; customers: Database },
  {
    logger = createLogger('test', 'silent'),
    clock = () => new Date(),
    auth = 'off',
  }: { logger?: Logger; clock?: () => Date; auth?: 'on' | 'off' } = {},
) {
  const temporal = createTemporalClient({ address: '127.0.0.1:1' }, 'default');
  const given = { auth, registry, temporal, temporalUiUrl: 'http://ui', alertAfter: 'PT5M', logger, clock };
  return createApp(given, { ...inPlaceOfAll(registry), customer: customers });
}

let people = 0;

export const somebody = () => ({
  password: 'abcd5432',
  firstname: 'ming',
  lastname: 'hsu',
  email: `ming-${people++}@ming.com`,
  address: 'taipei',
  phone_number: '1234567',
});

export interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** A new account, and how it calls. */
export async function signedUp(send: Send, more: Partial<ReturnType<typeof somebody>> = {}) {
  const person = { ...somebody(), ...more };
  const tokens: Tokens = await created(send, '/api/account/auth/signup', person);
  const call = (method: string, path: string, body?: unknown) =>
    send(method, `/api/account/info/${path}`, body, bearer(tokens.access_token));
  return { ...person, ...tokens, id: String(decodeJwt(tokens.access_token).sub), call };
}

export const bearer = (token: string) => ({ authorization: `bearer ${token}` });

export const read = (token: string) => ({ ...decodeProtectedHeader(token), ...decodeJwt(token) });
