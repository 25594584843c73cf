import { audit } from '../../src/audit/run.ts';
import { openDatabase } from '../../src/guard/database.ts';
import type { System } from '../support/system.ts';

/** How many steps and compensations have committed in the shop's services. */
export async function stepsDone({ sql }: System): Promise<number> {
  const counts = [sql.product, sql.order, sql.payment, sql.delivery].map(
    (service) => service`select count(*)::int as steps from saga_step`,
  );
  return (await Promise.all(counts)).reduce((sum, [row]) => sum + row?.['steps'], 0);
}

/** The lines of `npm run audit` that say that something is wrong. */
export async function auditOf({ databases }: System): Promise<string[]> {
  const opened = {
    customer: openDatabase(databases.customer),
    mortgage: openDatabase(databases.mortgage),
    loan: openDatabase(databases.loan),
    product: openDatabase(databases.product),
    order: openDatabase(databases.order),
    payment: openDatabase(databases.payment),
    delivery: openDatabase(databases.delivery),
  };
  const lines: string[] = [];
  await audit(opened, (line) => lines.push(line));
  await Promise.all(Object.values(opened).map((database) => database.end()));
  return lines.filter((line) => !line.startsWith('ok'));
}
