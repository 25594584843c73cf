import { Semaphore, withTimeout } from 'async-mutex';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { type Bell, openBell } from './bell.ts';
import { ConnectionLost, DatabaseBusy, isConnectionError } from './connection-error.ts';
import { type Lease, lose, type OpenTransaction, type Statement, settle } from './lease.ts';
import { createNotifier, type Notify } from './notify.ts';

export type { Transaction } from './lease.ts';

export interface Database {
  /** For single statements. */
  query: PostgresJsDatabase;
  /**
   * READ COMMITTED; rolled back when `work` throws. Throws `ConnectionLost` when nobody knows whether it committed,
   * `DatabaseBusy` when its turn did not come. `opening` is sent first of all, and `tx.opened` answers its rows: what
   * `work` sends meanwhile comes after it.
   */
  transaction<T>(work: (tx: OpenTransaction) => Promise<T>, opening?: Statement): Promise<T>;
  /** Wakes whoever listens on the channel, for this topic or any. */
  notify: Notify;
  /** Rings when somebody notifies the channel: on one connection, however many listen. */
  listen(channel: string): Bell;
  /** Waits for no transaction: to be called when none is under way. */
  end(): Promise<void>;
}

/** Milliseconds, all below a step's timeout: a worker that stops must not hold a lock for longer than its step may take. */
const timeouts = {
  statement_timeout: 4_000,
  lock_timeout: 3_000,
  idle_in_transaction_session_timeout: 4_000,
};
/** So long a transaction waits for its turn. */
const queueTimeout = 4_000;
/** For a server that does not even answer. */
const transactionTimeout = 4_500;

/**
 * At most `max` transactions run at once, each on a connection of its own, kept for the next one; others wait their turn.
 *
 * `sql.begin` of postgres 3.4 is not used: when its backend is killed, later statements run on another connection
 * outside the transaction, or end the process with a TypeError (porsager/postgres issues 1155, 1186, 1189).
 */
export function openDatabase(
  url: string,
  { name = 'unwind', max = 10, statementTimeoutMs = timeouts.statement_timeout } = {},
): Database {
  const settings: postgres.Options<Record<string, never>> = {
    connect_timeout: 4,
    // Its query after each connect rejects unhandled, and ends the process, when the backend dies meanwhile.
    fetch_types: false,
    onnotice: () => {},
    connection: {
      application_name: name,
      TimeZone: 'UTC',
      ...timeouts,
      statement_timeout: statementTimeoutMs,
    },
  };
  const pool = postgres(url, { ...settings, max });
  const turns = withTimeout(new Semaphore(max), queueTimeout, new DatabaseBusy('the database is busy'));
  const idle: Lease[] = [];
  const bells = new Map<string, Bell>();
  let ended = false;

  function open(): Lease {
    // A connection that closes by age would end a transaction between two of its statements.
    const lifetime = { idle_timeout: undefined, max_lifetime: null };
    const sql = postgres(url, { ...settings, ...lifetime, max: 1, onclose: () => lose(lease) });
    const lease: Lease = { sql, connected: false, prepared: new Set(), lost: false };
    return lease;
  }

  async function transaction<T>(work: (tx: OpenTransaction) => Promise<T>, opening?: Statement): Promise<T> {
    const lease = takeIdle() ?? open();
    const impatience = setTimeout(() => lose(lease), transactionTimeout);
    const lost = new Promise<never>((_, reject) => {
      lease.onLost = () => reject(new ConnectionLost());
    });
    try {
      return await Promise.race([settle(lease, work, opening), lost]);
    } catch (error) {
      if (isConnectionError(error)) lose(lease);
      throw lease.lost ? new ConnectionLost({ cause: error }) : error;
    } finally {
      clearTimeout(impatience);
      lease.onLost = undefined;
      if (lease.lost || ended) void lease.sql.end({ timeout: 0 });
      else idle.push(lease);
    }
  }

  function takeIdle(): Lease | undefined {
    for (let lease = idle.pop(); lease; lease = idle.pop()) if (!lease.lost) return lease;
    return undefined;
  }

  return {
    query: drizzle(pool),
    notify: createNotifier(pool),
    listen(channel) {
      const bell = bells.get(channel) ?? openBell(url, channel, name);
      bells.set(channel, bell);
      return bell;
    },
    transaction: (work, opening) => turns.runExclusive(() => transaction(work, opening)),
    async end() {
      ended = true;
      const unused = idle.splice(0).map(({ sql }) => sql.end({ timeout: 5 }));
      const silenced = [...bells.values()].map((bell) => bell.end());
      await Promise.all([pool.end({ timeout: 5 }), ...unused, ...silenced]);
    },
  };
}
