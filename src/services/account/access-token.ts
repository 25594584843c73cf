import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { type Bearer, roles } from './resource.ts';
import type { LogIn } from './session.ts';
import { keyNamed, type SigningKey } from './signing-key.ts';

const alg = 'HS256';
const issuer = 'unwind';
const audience = 'unwind-api';
const lifetimeSeconds = 15 * 60;
/** For clock skew between processes. */
const toleranceSeconds = 5;

export const signAccessToken = (
  { kid, secret }: SigningKey,
  { id, role, family }: Bearer & LogIn,
  now: Date,
): Promise<string> =>
  new SignJWT({ role, sid: family })
    .setProtectedHeader({ alg, kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(id)
    .setIssuedAt(now)
    .setExpirationTime(new Date(now.getTime() + lifetimeSeconds * 1_000))
    .sign(secret);

/** For a valid token. */
export const expiryOf = (token: string): Date => new Date((decodeJwt(token).exp ?? 0) * 1_000);

const claims = z.object({ sub: z.guid(), role: z.enum(roles), sid: z.guid() });
const plainKid = z.string().regex(/^[\w-]{1,50}$/);

/** The ids of the token's account and log-in; undefined for an invalid or expired token. */
export async function readAccessToken(
  database: Database,
  token: string,
  now: Date,
): Promise<{ id: string; family: string } | undefined> {
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => keyOf(database, kid), {
      algorithms: [alg],
      issuer,
      audience,
      requiredClaims: ['sub', 'role', 'sid', 'exp', 'iat'],
      // Also rejects an `iat` in the future.
      maxTokenAge: lifetimeSeconds,
      clockTolerance: toleranceSeconds,
      currentDate: now,
    });
    const read = claims.safeParse(payload).data;
    return read && { id: read.sub, family: read.sid };
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** `kid` is not validated by the library. */
async function keyOf(database: Database, kid: unknown): Promise<Uint8Array> {
  const plain = plainKid.safeParse(kid).data;
  const key = plain === undefined ? undefined : await keyNamed(database, plain);
  if (!key) throw new errors.JWKSNoMatchingKey();
  return key.secret;
}
