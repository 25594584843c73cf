import { createHash } from 'node:crypto';

/** SHA-256, in hex, of a JSON value; independent of the order of keys. */
export const requestHash = (value: unknown) =>
  createHash('sha256').update(canonicalJson(value)).digest('hex');

function canonicalJson(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
