import { and, desc, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { type SagaMode, saga } from './schema.ts';

interface Which {
  type: string;
  caller: string;
  since: Date;
}

interface StartedSaga {
  sagaId: string;
  type: string;
  mode: SagaMode;
}

const pageSize = 100;

/** A caller's sagas that were started, newest first. */
export async function startedSagas(
  { query }: Database,
  { type, caller, since }: Which,
): Promise<StartedSaga[]> {
  const { id, createdAt } = saga;
  const wanted = [
    eq(saga.type, type),
    eq(saga.caller, caller),
    gt(createdAt, since),
    isNotNull(saga.startedAt),
  ];
  const found: StartedSaga[] = [];
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
