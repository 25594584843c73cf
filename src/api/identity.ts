import type { Context } from 'hono';
import { expiryOf } from '../services/account/access-token.ts';
import { identify } from '../services/account/identify.ts';
import type { Caller } from '../services/account/resource.ts';
import { bearerToken, unauthorized } from './bearer.ts';
import { askDatabase, type Services } from './services.ts';

/** Who is calling, by the access token. Throws the 401. */
export async function requireAccount({ registry, clock }: Services, c: Context): Promise<Caller> {
  const token = bearerToken(c);
  if (token === undefined) throw unauthorized('log in, and send the access token: Authorization: Bearer …');
  const caller = await askDatabase(() => identify(registry, token, clock()));
  if (!caller) throw invalidToken();
  return caller;
}

/** The same, and until when the token is valid. */
export async function requireSession(services: Services, c: Context): Promise<Caller & { expires: Date }> {
  const caller = await requireAccount(services, c);
  return { ...caller, expires: expiryOf(bearerToken(c) ?? '') };
}

export const invalidToken = () =>
  unauthorized('the access token is wrong or has expired: refresh it, or log in again', 'invalid_token');
