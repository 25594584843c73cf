import { and, desc, eq, gt, isNotNull, or, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { type SagaRef, saga } from './schema.ts';

interface Which {
  type: string;
  caller: string;
  since: Date;
}

const pageSize = 100;

/** By then a start has succeeded or failed. It may have succeeded without being recorded. */
const startSeconds = 30;

/** A caller's sagas that were started, or may have been, newest first. */
export async function startedSagas({ query }: Database, { type, caller, since }: Which): Promise<SagaRef[]> {
  const { id, createdAt } = saga;
  const wanted = [
    eq(saga.type, type),
    eq(saga.caller, caller),
    gt(createdAt, since),
    or(isNotNull(saga.startedAt), sql`${createdAt} < now() - make_interval(secs => ${startSeconds})`),
  ];
  const found: SagaRef[] = [];
  for (let after: { sagaId: string; createdAt: Date } | undefined; ; ) {
    const older = after && sql`(${createdAt}, ${id}) < (${after.createdAt.toISOString()}, ${after.sagaId})`;
    const page = await query
      .select({ sagaId: id, type: saga.type, mode: saga.mode, createdAt })
      .from(saga)
      .where(and(...wanted, older))
      .orderBy(desc(createdAt), desc(id))
      .limit(pageSize);
    found.push(...page);
    if (page.length < pageSize) return found;
    after = page.at(-1);
  }
}
