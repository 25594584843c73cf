import { expect } from 'vitest';
import { audit } from '../../src/audit/run.ts';
import type { serviceNames } from '../../src/config.ts';
import { openDatabase } from '../../src/guard/database.ts';
import type { System } from '../support/system.ts';

/** The audit of a system, and how its rows are changed behind its back. */
export function auditOf({ databases: urls, sql }: Pick<System, 'databases' | 'sql'>) {
  const databases = {
    customer: openDatabase(urls.customer),
    mortgage: openDatabase(urls.mortgage),
    loan: openDatabase(urls.loan),
    product: openDatabase(urls.product),
    order: openDatabase(urls.order),
    payment: openDatabase(urls.payment),
    delivery: openDatabase(urls.delivery),
  };
  return {
    async findings(): Promise<string[]> {
      const lines: string[] = [];
      const count = await audit(databases, (line) => lines.push(line));
      const found = lines.filter((line) => line.startsWith(' ')).map((line) => line.trim());
      expect(count).toBe(found.length);
      return found;
    },

    /** Past what the schema refuses, for this session alone. */
    tamper: (database: (typeof serviceNames)[number], statement: string) =>
      sql[database].begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx.unsafe(statement);
      }),

    end: () => Promise.all(Object.values(databases).map((database) => database.end())),
  };
}
