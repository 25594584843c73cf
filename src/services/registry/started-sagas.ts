import { and, desc, eq, gt, isNotNull } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { saga } from './schema.ts';

interface Which {
  type: string;
  caller: string;
  since: Date;
  limit: number;
}

/** Newest first. */
export async function startedSagas({ query }: Database, { type, caller, since, limit }: Which) {
  return query
    .select({ sagaId: saga.id, type: saga.type, mode: saga.mode })
    .from(saga)
    .where(
      and(eq(saga.type, type), eq(saga.caller, caller), gt(saga.createdAt, since), isNotNull(saga.startedAt)),
    )
    .orderBy(desc(saga.createdAt))
    .limit(limit);
}
