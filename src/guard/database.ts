import { Semaphore, withTimeout } from 'async-mutex';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Sql } from 'postgres';
import { type Bell, openBell } from './bell.ts';
import { DatabaseBusy } from './connection-error.ts';
import { openLeases } from './leases.ts';
import { createNotifier, type Notify } from './notify.ts';
import { drizzleOver, type OpenTransaction, type Statement, settle } from './transaction.ts';

export type { Transaction } from './transaction.ts';

export interface Database {
  /**
   * For single statements. Throws `ConnectionLost` when nobody knows whether it was done, `DatabaseBusy` when its turn
   * did not come. What has failed is not begun any more.
   */
  query: Omit<PostgresJsDatabase, 'transaction'>;
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
/** So long a transaction, or a statement, waits for its turn. */
const queueTimeout = 4_000;
const transactionTimeout = 4_500;
/** For a server that does not even answer: so much longer than a statement may take. */
const graceMs = 500;

/** At most `max` transactions run at once, and as many single statements; others wait their turn. */
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
  const leases = openLeases(url, settings);
  const takingTurns = () =>
    withTimeout(new Semaphore(max), queueTimeout, new DatabaseBusy('the database is busy'));
  const [statements, transactions] = [takingTurns(), takingTurns()];
  const bells = new Map<string, Bell>();

  /** As postgres.js answers it: in arrays, if that is said at once. */
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
      const bell = bells.get(channel) ?? openBell(url, channel, name);
      bells.set(channel, bell);
      return bell;
    },
    transaction: (work, opening) =>
      transactions.runExclusive(() =>
        leases.use((lease) => settle(lease, work, opening), transactionTimeout),
      ),
    async end() {
      await Promise.all([leases.end(), ...[...bells.values()].map((bell) => bell.end())]);
    },
  };
}
