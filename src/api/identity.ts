import type { Context } from 'hono';
import { expiryOf } from '../services/account/access-token.ts';
import { identify } from '../services/account/identify.ts';
import type { Identity, Role } from '../services/account/resource.ts';
import { askDatabase } from './ask-database.ts';
import { bearerToken, unauthorized } from './bearer.ts';
import type { ApiContext } from './context.ts';

interface Session extends Identity {
  /** Until when the token is valid. */
  expires: Date;
}

/** On whose behalf a request is carried out. */
export interface Caller {
  /** To whom its sagas and Idempotency-Keys belong: the account's id, or `admin` without one. */
  id: string;
  /** What stands on record beside a decision or an order: the account's e-mail address, or `admin`. */
  by: string;
  role: Role;
  /** Absent where no token was sent. */
  account?: Session;
}

/** Who calls without an account, while AUTH is off. */
export const admin: Caller = { id: 'admin', by: 'admin', role: 'admin' };

/** Where nobody is asked who they are. */
export const anonymous: Caller = { id: 'anonymous', by: 'anonymous', role: 'customer' };

/** Who is calling: by the token, if one is sent, and else `admin` as long as AUTH is off. Throws the 401. */
export async function callerOf({ registry, accounts, clock }: ApiContext, c: Context): Promise<Caller> {
  if (!accounts) return admin;
  if (!c.req.header('authorization')) {
    if (accounts.auth === 'off') return admin;
    throw noToken();
  }
  const token = bearerToken(c);
  if (token === undefined) throw noToken();
  const found = await askDatabase(() => identify(registry, token, clock()));
  if (!found) throw invalidToken();
  const { account: id, email: by, role } = found;
  return { id, by, role, account: { ...found, expires: expiryOf(token) } };
}

/** The account of whoever calls, for what an account alone can have. Throws the 401. */
export function accountOf({ account }: Caller): Session {
  if (!account) throw noToken();
  return account;
}

const noToken = () => unauthorized('log in, and send the access token: Authorization: Bearer …');

export const invalidToken = () =>
  unauthorized('the access token is wrong or has expired: refresh it, or log in again', 'invalid_token');
