import { drizzle } from 'drizzle-orm/postgres-js';
import postgres, { type Sql } from 'postgres';
import { ConnectionLost, DatabaseBusy, isConnectionError } from './connection-error.ts';

/** A connection with one user at a time. */
export interface Lease {
  sql: Sql;
  connected: boolean;
  /** Statements prepared on this connection. */
  prepared: Set<string>;
  /** The connection is closed or abandoned. */
  lost: boolean;
  /** Set by the user. */
  onLost?: (() => void) | undefined;
}

interface Leases {
  /**
   * Runs `work` on an open connection of its own. Throws `ConnectionLost` when the connection closes or `work` exceeds
   * `withinMs`; the connection is then abandoned, and `work` can send nothing more.
   */
  use<T>(work: (lease: Lease) => PromiseLike<T>, withinMs: number): Promise<T>;
  /** Waits for running statements, not for transactions. */
  end(): Promise<void>;
}

/**
 * Opens connections on demand and reuses them.
 *
 * Does not use the pool of postgres 3.4: after failures its connections wait up to 20 seconds before they connect, and
 * then run a statement whose caller has long seen it fail. Does not use its `sql.begin` either: when the backend is
 * killed, later statements run on another connection outside the transaction, or a TypeError ends the process
 * (porsager/postgres issues 1155, 1186, 1189).
 */
export function openLeases(url: string, settings: postgres.Options<Record<string, never>>): Leases {
  const all = new Set<Lease>();
  const idle: Lease[] = [];
  let ended = false;

  function open(): Lease {
    if (ended) throw new DatabaseBusy('the connections to the database are closed');
    // Otherwise a connection could reach its maximum age within a transaction.
    const lifetime = { idle_timeout: undefined, max_lifetime: null };
    const sql = postgres(url, { ...settings, ...lifetime, max: 1, onclose: () => lose(lease) });
    // Sets the date parsers that drizzle expects.
    drizzle(sql);
    const lease: Lease = { sql, connected: false, prepared: new Set(), lost: false };
    all.add(lease);
    return lease;
  }

  function takeIdle(): Lease | undefined {
    for (let lease = idle.pop(); lease; lease = idle.pop()) if (!lease.lost) return lease;
    return undefined;
  }

  function lose(lease: Lease) {
    lease.lost = true;
    all.delete(lease);
    lease.onLost?.();
  }

  return {
    async use(work, withinMs) {
      const lease = takeIdle() ?? open();
      const timer = setTimeout(() => lose(lease), withinMs);
      const lost = new Promise<never>((_, reject) => {
        lease.onLost = () => reject(new ConnectionLost());
      });
      const begin = async () => {
        if (!lease.connected) await lease.sql.unsafe('select 1');
        lease.connected = true;
        if (lease.lost) throw new ConnectionLost();
        return work(lease);
      };
      try {
        return await Promise.race([begin(), lost]);
      } catch (error) {
        if (isConnectionError(error)) lose(lease);
        throw lease.lost ? new ConnectionLost({ cause: error }) : error;
      } finally {
        clearTimeout(timer);
        lease.onLost = undefined;
        if (lease.lost || ended) void lease.sql.end({ timeout: 0 });
        else idle.push(lease);
      }
    },
    async end() {
      ended = true;
      await Promise.all([...all].map(({ sql }) => sql.end({ timeout: 5 })));
    },
  };
}
