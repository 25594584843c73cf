import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Sql } from 'postgres';

/** Runs statements of the transaction it was made for, and of no other. */
export type Transaction = PostgresJsDatabase;

export interface Database {
  /** For single statements. */
  query: PostgresJsDatabase;
  /** READ COMMITTED; rolled back when `work` throws. Throws `ConnectionLost` when nobody knows whether it committed. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

export class ConnectionLost extends Error {
  override name = 'ConnectionLost';
  constructor(options?: ErrorOptions) {
    super('the connection to the database was lost inside a transaction', options);
  }
}

/** Milliseconds, all below a step's timeout: a worker that stops must not hold a lock for longer than its step may take. */
const timeouts = {
  statement_timeout: 4_000,
  lock_timeout: 3_000,
  idle_in_transaction_session_timeout: 4_000,
};

interface Lease {
  sql: Sql;
  tx: Transaction;
  lost: boolean;
}

/**
 * Callers bound how many transactions run at once: each has a connection of its own, kept for the next one.
 *
 * `sql.begin` of postgres 3.4 is not used: when its backend is killed, later statements run on another connection
 * outside the transaction, or end the process with a TypeError (porsager/postgres issues 1155, 1186, 1189).
 */
export function openDatabase(url: string, { name = 'unwind', max = 10 } = {}): Database {
  const settings: postgres.Options<Record<string, never>> = {
    connect_timeout: 5,
    // Its query after each connect rejects unhandled, and ends the process, when the backend dies meanwhile.
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: name, ...timeouts },
  };
  const pool = postgres(url, { ...settings, max });
  const idle: Lease[] = [];

  function open(): Lease {
    const onclose = () => {
      lease.lost = true;
    };
    // A connection that closes by age would end a transaction between two of its statements.
    const sql = postgres(url, { ...settings, max: 1, idle_timeout: undefined, max_lifetime: null, onclose });
    const unsafe: Sql['unsafe'] = (...query) => {
      if (lease.lost) throw new ConnectionLost();
      return sql.unsafe(...query);
    };
    const guarded = new Proxy(sql, {
      get: (target, property) => (property === 'unsafe' ? unsafe : Reflect.get(target, property)),
    });
    const lease: Lease = { sql, tx: drizzle(guarded), lost: false };
    return lease;
  }

  async function transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const lease = takeIdle() ?? open();
    let settled = false;
    try {
      await lease.sql.unsafe('begin isolation level read committed');
      const result = await work(lease.tx);
      if (lease.lost) throw new ConnectionLost();
      const { command } = await lease.sql.unsafe('commit');
      settled = true;
      if (command !== 'COMMIT')
        throw new Error('a statement had failed unnoticed, so the transaction was rolled back');
      return result;
    } catch (error) {
      if (lease.lost || isConnectionError(error)) throw new ConnectionLost({ cause: error });
      if (!settled) await lease.sql.unsafe('rollback');
      settled = true;
      throw error;
    } finally {
      if (settled && !lease.lost) idle.push(lease);
      else void lease.sql.end({ timeout: 0 });
    }
  }

  function takeIdle(): Lease | undefined {
    for (let lease = idle.pop(); lease; lease = idle.pop()) if (!lease.lost) return lease;
    return undefined;
  }

  return {
    query: drizzle(pool),
    transaction,
    async end() {
      await Promise.all([
        pool.end({ timeout: 5 }),
        ...idle.splice(0).map(({ sql }) => sql.end({ timeout: 5 })),
      ]);
    },
  };
}

/** True when the server did not answer, or answered that it ends the connection. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ConnectionLost || 'errno' in error) return true;
  if ('severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC')) return true;
  if ('code' in error && /^CONNECT/.test(String(error.code))) return true;
  return isConnectionError(error.cause);
}
