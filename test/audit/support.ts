import { expect } from 'vitest';
import { audit } from '../../src/audit/run.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { eachService, type ServiceName } from '../../src/service-names.ts';
import type { System } from '../support/system.ts';

/** The audit of a system, and how its rows are changed behind its back. */
export function auditOf({ databases: urls, sql }: Pick<System, 'databases' | 'sql'>) {
  const databases = eachService((name) => openDatabase(urls[name]));
  return {
    async findings(): Promise<string[]> {
      const lines: string[] = [];
      const count = await audit(databases, (line) => lines.push(line));
      const found = lines.filter((line) => line.startsWith(' ')).map((line) => line.trim());
      expect(count).toBe(found.length);
      return found;
    },

    /** Past what the schema refuses, for this session alone. */
    tamper: (database: ServiceName, statement: string) =>
      sql[database].begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx.unsafe(statement);
      }),

    end: () => Promise.all(Object.values(databases).map((database) => database.end())),
  };
}
