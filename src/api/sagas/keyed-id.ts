import type { Context } from 'hono';
import { requestId } from '../../guard/request-id.ts';
import type { Caller } from '../accounts/identity.ts';
import { idempotencyKey } from '../http/read-request.ts';

/** The id of a decision or command under an Idempotency-Key, which is the caller's own. Throws the 422. */
export function keyedId(c: Context, { id }: Caller): string | undefined {
  const key = idempotencyKey(c);
  return key === undefined ? undefined : requestId(id, key);
}
