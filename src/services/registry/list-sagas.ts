import { and, desc, eq, sql } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { isAmong } from '../../guard/is-among.ts';
import { saga } from './schema.ts';

export type SagaRow = Pick<typeof saga.$inferSelect, 'id' | 'type' | 'mode' | 'createdAt' | 'startedAt'>;

interface Page {
  type?: string | undefined;
  /** Default: all callers. */
  caller?: string | undefined;
  limit: number;
  /** The last saga of the previous page. */
  after?: Pick<SagaRow, 'id' | 'createdAt'> | undefined;
}

/** Newest first. */
export function listSagas({ query }: Database, { type, caller, limit, after }: Page): Promise<SagaRow[]> {
  const ofType = type === undefined ? undefined : eq(saga.type, type);
  const ofCaller = caller === undefined ? undefined : eq(saga.caller, caller);
  const older =
    after && sql`(${saga.createdAt}, ${saga.id}) < (${after.createdAt.toISOString()}, ${after.id})`;
  return query
    .select({
      id: saga.id,
      type: saga.type,
      mode: saga.mode,
      createdAt: saga.createdAt,
      startedAt: saga.startedAt,
    })
    .from(saga)
    .where(and(ofType, ofCaller, older))
    .orderBy(desc(saga.createdAt), desc(saga.id))
    .limit(limit);
}

/** When each saga was asked for, by its id. */
export async function creationTimes({ query }: Database, ids: readonly string[]): Promise<Map<string, Date>> {
  if (ids.length === 0) return new Map();
  const rows = await query
    .select({ id: saga.id, createdAt: saga.createdAt })
    .from(saga)
    .where(isAmong(saga.id, ids));
  return new Map(rows.map(({ id, createdAt }) => [id, createdAt]));
}
