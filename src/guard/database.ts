import { Semaphore, withTimeout } from 'async-mutex';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Sql } from 'postgres';
import { DatabaseBusy } from './connection-error.ts';
import { openLeases } from './leases.ts';
import { type Listener, openListener } from './listener.ts';
import { createNotifier, type Notify } from './notify.ts';
import { drizzleOver, type OpenTransaction, runTransaction, type Statement } from './transaction.ts';

export type { Transaction } from './transaction.ts';

export interface Database {
  /**
   * For single statements. Throws `ConnectionLost` when the outcome is unknown, `DatabaseBusy` when its turn did not
   * come in time. A failed call never runs later.
   */
  query: Omit<PostgresJsDatabase, 'transaction'>;
  /**
   * READ COMMITTED; rolled back when `work` throws. Throws like `query`. `opening` is sent before the statements of
   * `work`; `tx.opened` resolves to its rows.
   */
  transaction<T>(work: (tx: OpenTransaction) => Promise<T>, opening?: Statement): Promise<T>;
  notify: Notify;
  /** All listeners of a channel share one connection. */
  listen(channel: string): Listener;
  /** Does not wait for transactions: call it when none is running. */
  end(): Promise<void>;
}

/** Milliseconds. All below a step's timeout, so that a stopped worker does not hold a lock for longer than its step. */
const timeouts = {
  statement_timeout: 4_000,
  lock_timeout: 3_000,
  idle_in_transaction_session_timeout: 4_000,
};
/** For a transaction or statement to get its turn. */
const queueTimeout = 4_000;
const transactionTimeout = 4_500;
/** Added to the statement's own timeout, for a server that does not respond. */
const graceMs = 500;

/** Runs at most `max` transactions and `max` single statements at once; others queue. */
export function openDatabase(
  url: string,
  { name = 'unwind', max = 10, statementTimeoutMs = timeouts.statement_timeout } = {},
): Database {
  const settings: postgres.Options<Record<string, never>> = {
    connect_timeout: 4,
    // If the backend dies during this query, its unhandled rejection ends the process.
    fetch_types: false,
    onnotice: () => {},
    connection: {
      application_name: name,
      // Whatever the server's own defaults are.
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      default_transaction_isolation: 'read committed',
      ...timeouts,
      statement_timeout: statementTimeoutMs,
    },
  };
  const leases = openLeases(url, settings);
  const takingTurns = () =>
    withTimeout(new Semaphore(max), queueTimeout, new DatabaseBusy('the database is busy'));
  const [statements, transactions] = [takingTurns(), takingTurns()];
  const listeners = new Map<string, Listener>();

  /** Like a query of postgres.js: `values()`, called synchronously, makes its rows arrays. */
  function single(...[text, parameters]: Parameters<Sql['unsafe']>) {
    let inArrays = false;
    const answer = Promise.resolve().then(() =>
      statements.runExclusive(() =>
        leases.use(({ sql }) => {
          const query = sql.unsafe(text, parameters, { prepare: true });
          return inArrays ? query.values() : query;
        }, statementTimeoutMs + graceMs),
      ),
    );
    const values = () => {
      inArrays = true;
      return answer;
    };
    return Object.assign(answer, { values });
  }

  return {
    query: drizzleOver(postgres(url, { max: 1 }), single),
    notify: createNotifier(single),
    listen(channel) {
      const listener = listeners.get(channel) ?? openListener(url, channel, name);
      listeners.set(channel, listener);
      return listener;
    },
    transaction: (work, opening) =>
      transactions.runExclusive(() =>
        leases.use((lease) => runTransaction(lease, work, opening), transactionTimeout),
      ),
    async end() {
      await Promise.all([leases.end(), ...[...listeners.values()].map((listener) => listener.end())]);
    },
  };
}
