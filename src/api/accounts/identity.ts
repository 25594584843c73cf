import type { Context } from 'hono';
import { expiryOf } from '../../services/account/access-token.ts';
import { identify } from '../../services/account/identify.ts';
import type { Identity, Role } from '../../services/account/resource.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { bearerToken, unauthorized } from '../http/bearer.ts';

interface Session extends Identity {
  /** Of the token. */
  expires: Date;
}

/** Who makes a request. */
export interface Caller {
  /** The owner of sagas and Idempotency-Keys: the account's id, or `admin` without an account. */
  id: string;
  /** Recorded with a decision or a command: the account's e-mail address, or `admin`. */
  by: string;
  role: Role;
  /** Absent without a token. */
  account?: Session;
}

/** A caller without a token, while AUTH is off. */
export const admin: Caller = { id: 'admin', by: 'admin', role: 'admin' };

/** A caller of an open route. */
export const anonymous: Caller = { id: 'anonymous', by: 'anonymous', role: 'customer' };

/** By the token or, without one while AUTH is off, `admin`. Throws the 401. */
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
  const { id, email: by, role } = found;
  return { id, by, role, account: { ...found, expires: expiryOf(token) } };
}

/** For what only an account can have. Throws the 401. */
export function accountOf({ account }: Caller): Session {
  if (!account) throw noToken();
  return account;
}

const noToken = () => unauthorized('log in, and send the access token: Authorization: Bearer …');

export const invalidToken = () =>
  unauthorized('the access token is wrong or has expired: refresh it, or log in again', 'invalid_token');
