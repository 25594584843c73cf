import { afterAll, beforeAll, expect, test } from 'vitest';
import { application } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const together = 12;

test('while the backends of all services are killed again and again, every saga completes, each effect once', async () => {
  const services = [system.sql.customer, system.sql.mortgage, system.sql.loan];
  const start = () => system.start('mortgage-origination', application());
  const ids = await Promise.all(Array.from({ length: together }, start));

  let killed = 0;
  let done = false;
  const killing = (async () => {
    while (!done && killed < 20)
      for (const sql of services) {
        const busy = await sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name like 'unwind-%' and state <> 'idle'`;
        killed += busy.length;
      }
  })();
  const sagas = await Promise.all(ids.map((id) => system.untilEnded(id)));
  done = true;
  await killing;

  expect(killed).toBeGreaterThan(0);
  expect(sagas.map(({ state }) => state)).toEqual(Array(together).fill('completed'));
  const { customer, mortgage, loan } = system.sql;
  expect(await customer`select 1 from customer`).toHaveLength(together);
  expect(
    await mortgage`select 1 from application where status = 'approved' and held_by is null`,
  ).toHaveLength(together);
  expect(await loan`select 1 from loan where status = 'active'`).toHaveLength(together);
  expect(await loan`select account, sum(amount) from ledger_entry group by account order by account`).toEqual(
    [
      { account: 'cash', sum: `-${together * 5}0000000` },
      { account: 'receivable', sum: `${together * 5}0000000` },
    ],
  );
});
