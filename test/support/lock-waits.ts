import type { Sql } from 'postgres';

/** A row for each statement that waits for a lock in this database. */
export const lockWaits = (sql: Sql) =>
  sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
