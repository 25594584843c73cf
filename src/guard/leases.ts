import { drizzle } from 'drizzle-orm/postgres-js';
import postgres, { type Sql } from 'postgres';
import { ConnectionLost, DatabaseBusy, isConnectionError } from './connection-error.ts';

/** A connection that is used by one at a time. */
export interface Lease {
  sql: Sql;
  connected: boolean;
  /** The statements that this connection knows. */
  prepared: Set<string>;
  /** The connection has closed, or is given up. */
  lost: boolean;
  /** Set by who uses it. */
  onLost?: (() => void) | undefined;
}

export interface Leases {
  /**
   * Gives `work` a connection for itself, which is there. Throws `ConnectionLost` when it closes meanwhile, or `work`
   * takes longer than `withinMs`: then the connection is given up, and nothing of `work` is begun any more.
   */
  use<T>(work: (lease: Lease) => PromiseLike<T>, withinMs: number): Promise<T>;
  /** Waits for statements that are under way, and for no transaction. */
  end(): Promise<void>;
}

/**
 * Connections, opened when they are needed and kept for the next one.
 *
 * No pool of postgres 3.4 is used: after failures its connections wait for up to 20 seconds before they connect, and
 * then run the statement that was given them, though its caller was told long ago that it had failed. Neither is its
 * `sql.begin`: when its backend is killed, later statements run on another connection outside the transaction, or end
 * the process with a TypeError (porsager/postgres issues 1155, 1186, 1189).
 */
export function openLeases(url: string, settings: postgres.Options<Record<string, never>>): Leases {
  const all = new Set<Lease>();
  const idle: Lease[] = [];
  let ended = false;

  function open(): Lease {
    if (ended) throw new DatabaseBusy('the connections to the database are closed');
    // A connection that closes by age would end a transaction between two of its statements.
    const lifetime = { idle_timeout: undefined, max_lifetime: null };
    const sql = postgres(url, { ...settings, ...lifetime, max: 1, onclose: () => lose(lease) });
    // From now on it answers dates as drizzle reads them.
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
      const impatience = setTimeout(() => lose(lease), withinMs);
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
        clearTimeout(impatience);
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
