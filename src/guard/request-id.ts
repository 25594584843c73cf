import { createHash } from 'node:crypto';
import { uuidv7 } from 'uuidv7';

/** The id of a request in the guard: the same for the same caller and key. A UUID of version 8 (RFC 9562). */
export function requestId(caller: string, key: string | undefined): string {
  if (key === undefined) return uuidv7();
  const hex = createHash('sha256')
    .update(JSON.stringify([caller, key]))
    .digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}
