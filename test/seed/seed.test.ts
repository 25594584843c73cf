import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { planCustomer } from '../../scripts/seed/plan.ts';
import { readPortfolio } from '../../scripts/seed/portfolio.ts';
import { seed } from '../../scripts/seed/seed.ts';
import { ConnectionLost } from '../../src/guard/connection-error.ts';
import type { Database } from '../../src/guard/database.ts';
import { runRequest } from '../../src/guard/request.ts';
import { schedule } from '../../src/money/amortisation.ts';
import { createCustomer } from '../../src/services/customer/create-customer.ts';
import { freshSystem as openSystem, today } from './system.ts';

/** Each transaction past the first `left` commits, and nobody hears of it. */
const dying = (database: Database, left: number): Database => ({
  ...database,
  async transaction(work, opening) {
    const result = await database.transaction(work, opening);
    if (left-- <= 0) throw new ConnectionLost();
    return result;
  },
});

describe('200 customers', () => {
  let system: Awaited<ReturnType<typeof openSystem>>;
  let done: Awaited<ReturnType<typeof seed>>;
  beforeAll(async () => {
    system = await openSystem();
    done = await seed({ databases: system.databases, customers: 200, seed: 1, today });
  });
  afterAll(() => system.end());

  test('have applications and loans in all states', async () => {
    const { customers, applications, loans, payments } = await readPortfolio(system.databases);
    const sum = Object.values(loans).reduce((total, count) => total + count, 0);
    expect(done).toEqual({ customers, loans: sum, payments });
    expect(customers).toBe(200);
    expect(Object.keys(applications).sort()).toEqual([
      'approved',
      'closed',
      'pending',
      'rejected',
      'withdrawn',
    ]);
    expect(Object.keys(loans).sort()).toEqual(['active', 'booked', 'cancelled', 'defaulted', 'paid_off']);
  });

  test('have a ledger that balances, and each loan owes what its entries say', async () => {
    const { ledger } = await readPortfolio(system.databases);
    expect(ledger).toMatchObject({ balanced: true, sum: 0, unallocated: 0 });
    expect(ledger.accounts['receivable']).toBe(ledger.outstanding);
    const wrong = await system.sql.loan`
      select loan.id from loan left join ledger_entry on loan_id = loan.id and account = 'receivable'
      group by loan.id having outstanding_balance <> coalesce(sum(amount), 0)`;
    expect(wrong).toEqual([]);
  });

  test('have loans that fit their applications', async () => {
    const { sql } = system;
    const terms = ['customer_id', 'loan_amount', 'interest_rate', 'term_years'];
    const applications = new Map(
      (await sql.mortgage`select id, status, ${sql.mortgage(terms)} from application`).map((row) => [
        row['id'],
        row,
      ]),
    );
    const fitting: Record<string, string> = { paid_off: 'closed', cancelled: 'withdrawn' };
    const loans = await sql.loan`select mortgage_id, status, ${sql.loan(terms)} from loan`;
    for (const { mortgage_id, status, ...agreed } of loans)
      expect(applications.get(mortgage_id)).toEqual({
        id: mortgage_id,
        status: fitting[status] ?? 'approved',
        ...agreed,
      });
  });

  test('owe on each active loan what its schedule says, and nothing where nothing can be owed', async () => {
    const loans = await system.sql.loan`
      select * from loan where id not in (select loan_id from payment where payment_type = 'extra')`;
    for (const loan of loans) {
      if (loan['status'] === 'defaulted') continue;
      const terms = {
        principal: BigInt(loan['loan_amount']),
        rate: loan['interest_rate'],
        months: loan['term_years'] * 12,
      };
      const last = schedule(terms)[monthsBetween(loan['start_date'], today) - 1];
      expect(BigInt(loan['outstanding_balance'])).toBe(loan['status'] === 'active' ? last?.balance : 0n);
    }
  });
});

/** Ends with the test. */
async function freshSystem() {
  const system = await openSystem();
  onTestFinished(system.end);
  return system;
}

describe('a run', () => {
  test('that is repeated writes nothing', async () => {
    const { databases, rows } = await freshSystem();
    const first = await seed({ databases, customers: 40, seed: 1, today });
    const before = await rows();
    expect(await seed({ databases, customers: 40, seed: 1, today })).toEqual(first);
    expect(await rows()).toEqual(before);
  });

  test('that was stopped is completed by the next', async () => {
    const [whole, stopped] = [await freshSystem(), await freshSystem()];
    const options = { customers: 40, seed: 1, today };
    await seed({ ...options, databases: whole.databases });

    const stop = new AbortController();
    const report = ({ customers }: { customers: number }) => {
      if (customers === 10) stop.abort();
    };
    const { customers } = await seed({
      ...options,
      databases: stopped.databases,
      signal: stop.signal,
      report,
    });
    expect(customers).toBeGreaterThanOrEqual(10);
    expect(customers).toBeLessThan(40);
    await seed({ ...options, databases: stopped.databases });
    expect(await stopped.story()).toEqual(await whole.story());
  });

  test.each(['customer', 'mortgage', 'loan'] as const)(
    'that lost the %s database in the middle of its work is completed by the next',
    async (name) => {
      const [whole, broken] = [await freshSystem(), await freshSystem()];
      const options = { customers: 40, seed: 1, today };
      await seed({ ...options, databases: whole.databases });

      const databases = { ...broken.databases, [name]: dying(broken.databases[name], 15) };
      await expect(seed({ ...options, databases })).rejects.toThrow(
        /^customer \d+: the connection .* was lost/,
      );
      await seed({ ...options, databases: broken.databases });
      expect(await broken.story()).toEqual(await whole.story());
    },
  );

  test('goes on from the day of the first one, unless it is given another', async () => {
    const { databases, rows } = await freshSystem();
    await seed({ databases, customers: 5, seed: 1 });
    const before = await rows();
    await seed({ databases, customers: 5, seed: 1 });
    expect(await rows()).toEqual(before);
    await expect(seed({ databases, customers: 5, seed: 1, today })).rejects.toThrow(
      /^customer \d+: .*--today/,
    );
  });

  test('of more customers, or of another seed, adds to what is there', async () => {
    const { databases, sql } = await freshSystem();
    for (const [customers, number] of [
      [5, 1],
      [8, 1],
      [5, 2],
    ] as const)
      await seed({ databases, customers, seed: number, today });
    expect(await sql.customer`select count(*)::int as customers from customer`).toEqual([{ customers: 13 }]);
  });

  test.each([0, 1])('may be of %i customers', async (customers) => {
    const { databases } = await freshSystem();
    expect(await seed({ databases, customers, seed: 1, today })).toMatchObject({ customers });
    expect(await readPortfolio(databases)).toMatchObject({ customers, ledger: { balanced: true } });
  });

  test('stops at a customer that cannot be written, and says which and why', async () => {
    const { databases } = await freshSystem();
    const { name, email } = planCustomer({ seed: 1, index: 3 }, today);
    await runRequest(databases.customer, createCustomer, crypto.randomUUID(), { name, email });
    await expect(seed({ databases, customers: 3, seed: 1, today })).rejects.toThrow(
      `customer 3: there is a customer with the e-mail address ${email}`,
    );
  });
});

/** Whole months from one day to another. */
function monthsBetween(from: Date, to: Date): number {
  const difference =
    (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return to.getUTCDate() >= from.getUTCDate() ? difference : difference - 1;
}
