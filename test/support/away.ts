import type { DatabaseName } from '../../src/service-names.ts';
import type { System } from './system.ts';

/** Ends the connections of one of the databases, any but the customer's, and lets nobody in until it is `back`. */
export async function takeAway({ sql: { customer }, databases }: System, which: DatabaseName) {
  const name = new URL(databases[which]).pathname.slice(1);
  await customer`alter database ${customer(name)} allow_connections false`;
  await customer`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`;
  return {
    async back() {
      await customer`alter database ${customer(name)} allow_connections true`;
    },
  };
}
