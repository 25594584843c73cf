import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { type Bearer, roles } from './resource.ts';
import { keyNamed, type SigningKey } from './signing-key.ts';

const alg = 'HS256';
const issuer = 'unwind';
const audience = 'unwind-api';
const lifetimeSeconds = 15 * 60;
/** Of one process's clock behind another's. */
const toleranceSeconds = 5;

export const signAccessToken = (
  { kid, secret }: SigningKey,
  { account, role }: Bearer,
  now: Date,
): Promise<string> =>
  new SignJWT({ role })
    .setProtectedHeader({ alg, kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(account)
    .setIssuedAt(now)
    .setExpirationTime(new Date(now.getTime() + lifetimeSeconds * 1_000))
    .sign(secret);

/** Of a token that was found to be valid. */
export const expiryOf = (token: string): Date => new Date((decodeJwt(token).exp ?? 0) * 1_000);

const claims = z.object({ sub: z.guid(), role: z.enum(roles) });
const plainKid = z.string().regex(/^[\w-]{1,50}$/);

/** Whose token it is; undefined where it is not one of ours, or not valid now. */
export async function readAccessToken(
  database: Database,
  token: string,
  now: Date,
): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => keyOf(database, kid), {
      algorithms: [alg],
      issuer,
      audience,
      requiredClaims: ['sub', 'role', 'exp', 'iat'],
      // Says of an `iat` in the future, too, that it is not valid.
      maxTokenAge: lifetimeSeconds,
      clockTolerance: toleranceSeconds,
      currentDate: now,
    });
    return claims.safeParse(payload).data?.sub;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** `kid`: anything, whatever its type says. */
async function keyOf(database: Database, kid: unknown): Promise<Uint8Array> {
  const plain = plainKid.safeParse(kid).data;
  const key = plain === undefined ? undefined : await keyNamed(database, plain);
  if (!key) throw new errors.JWKSNoMatchingKey();
  return key.secret;
}
