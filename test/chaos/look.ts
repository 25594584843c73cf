import type { System } from '../support/system.ts';

/** How many steps and compensations have committed in the shop's services. */
export async function stepsDone({ sql }: System): Promise<number> {
  const counts = [sql.product, sql.order, sql.payment, sql.delivery].map(
    (service) => service`select count(*)::int as steps from saga_step`,
  );
  return (await Promise.all(counts)).reduce((sum, [row]) => sum + row?.['steps'], 0);
}
