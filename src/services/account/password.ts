import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's parameters for Argon2id; the memory in KiB. */
const costs = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const argon2id = 2;

/** Keyboards compose the same character differently. */
const composed = (password: string) => password.normalize('NFKC');

export const randomPassword = (): string => randomBytes(18).toString('base64url');

export const hashPassword = (password: string): Promise<string> =>
  hash(composed(password), { algorithm: argon2id, ...costs });

/** Takes as long without a hash, so that the time does not reveal whether an account exists. */
export async function passwordMatches(passwordHash: string | undefined, password: string): Promise<boolean> {
  const matches = await verify(passwordHash ?? dummyHash, composed(password));
  return matches && passwordHash !== undefined;
}

const noise = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '');
const { memoryCost, timeCost, parallelism } = costs;
const dummyHash = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${noise(16)}$${noise(32)}`;
