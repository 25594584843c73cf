import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import { ConnectionLost, isConnectionError } from './connection-error.ts';
import type { Lease } from './leases.ts';

export interface Statement {
  text: string;
  parameters: (string | number | null)[];
}

type Rows = Record<string, unknown>[];

/** Runs statements in its own transaction only. */
export type Transaction = Omit<PostgresJsDatabase, 'transaction'>;

export interface OpenTransaction extends Transaction {
  /** The rows of the opening statement. */
  opened: Promise<Rows>;
  /** Sends the statement together with the commit, if `work` succeeds. It must change one row. */
  beforeCommit(statement: Statement): void;
}

/** A drizzle that sends statements through `unsafe` and parses rows like `sql`. */
export const drizzleOver = (sql: Sql, unsafe: (...statement: Parameters<Sql['unsafe']>) => unknown) =>
  drizzle(
    new Proxy(sql, {
      get: (target, property) => (property === 'unsafe' ? unsafe : Reflect.get(target, property)),
    }),
  );

/**
 * Runs a transaction. Throws the error of `work`, or `ConnectionLost`.
 *
 * Pipelines statements that the connection has prepared. Awaits others: postgres.js queues statements behind one that it
 * prepares, and would send them over its next connection, outside any transaction.
 */
export async function runTransaction<T>(
  lease: Lease,
  work: (tx: OpenTransaction) => Promise<T>,
  opening?: Statement,
): Promise<T> {
  const { sql } = lease;
  let open = true;
  let last: Statement | undefined;
  const statements = drizzleOver(sql, (text, parameters) => {
    if (lease.lost) throw new ConnectionLost();
    if (!open) throw new Error('a statement came after its transaction had ended');
    return sql.unsafe(text, parameters, { prepare: true });
  });
  // Awaited: if it alone failed, for example in a statement timeout, each statement behind it would commit by itself.
  await sql.unsafe('begin isolation level read committed');
  const opened = opening ? send(lease, opening) : Promise.resolve([]);
  try {
    if (opening && !lease.prepared.has(opening.text)) await opened;
    const beforeCommit = (statement: Statement) => {
      last = statement;
    };
    const result = await work(Object.assign(statements, { opened, beforeCommit }));
    await opened;
    if (lease.lost) throw new ConnectionLost();
    open = false;
    await commit(lease, last);
    return result;
  } catch (error) {
    open = false;
    if (lease.lost || isConnectionError(error)) throw new ConnectionLost({ cause: error });
    await sql.unsafe('rollback');
    throw error;
  }
}

async function commit(lease: Lease, last: Statement | undefined) {
  const changed = last && send(lease, last);
  if (last && !lease.prepared.has(last.text)) await changed;
  const { command } = await lease.sql.unsafe('commit');
  if (changed && (await changed).length !== 1) throw new Error('the last statement has not changed one row');
  if (command !== 'COMMIT')
    throw new Error('a statement had failed unnoticed, so the transaction was rolled back');
}

/** Sends at once. */
function send(lease: Lease, { text, parameters }: Statement): Promise<Rows> {
  const answer: Promise<Rows> = lease.sql.unsafe(text, parameters, { prepare: true }).execute();
  const noted = answer.then((rows) => {
    lease.prepared.add(text);
    return rows;
  });
  // The caller awaits it later; until then a failure must not count as unhandled.
  noted.catch(() => {});
  return noted;
}
