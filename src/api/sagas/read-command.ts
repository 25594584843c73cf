import type { Context } from 'hono';
import type { z } from 'zod';
import { requestId } from '../../guard/request-id.ts';
import type { Caller } from '../accounts/identity.ts';
import { idempotencyKey, pathId, readAnnouncedBody } from '../http/read-request.ts';

/**
 * A decision or command for the saga in the path. Without an id it gets one from the Idempotency-Key, which is the caller's
 * own. Throws the 415, the 400 or the 422.
 */
export async function readCommand<B extends { id?: string | undefined }>(
  c: Context,
  caller: Caller,
  schema: z.ZodType<B>,
): Promise<{ id: string; body: B }> {
  const id = pathId(c);
  const body = await readAnnouncedBody(c, schema);
  const key = idempotencyKey(c);
  const keyed = key === undefined ? undefined : requestId(caller.id, key);
  return { id, body: { ...body, id: body.id ?? keyed } };
}
