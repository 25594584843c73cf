import { count, eq, isNull } from 'drizzle-orm';
import { customer } from '../../src/services/customer/schema.ts';
import { ledgerBalances } from '../../src/services/loan/ledger-balances.ts';
import { loan, payment } from '../../src/services/loan/schema.ts';
import { application } from '../../src/services/mortgage/schema.ts';
import type { Databases } from './enter.ts';

type Portfolio = Awaited<ReturnType<typeof readPortfolio>>;

/** What the databases contain. Sequential, so that a database that is down is queried only once. */
export async function readPortfolio({ customer: customers, mortgage, loan: lending }: Databases) {
  const howMany = await customers.query.$count(customer);
  const applications = await mortgage.query
    .select({ status: application.status, count: count() })
    .from(application)
    .groupBy(application.status);
  const loans = await lending.query
    .select({ status: loan.status, count: count() })
    .from(loan)
    .where(isNull(loan.deletedAt))
    .groupBy(loan.status);
  return {
    customers: howMany,
    applications: byStatus(applications),
    loans: byStatus(loans),
    payments: await lending.query.$count(payment, eq(payment.status, 'allocated')),
    ledger: await ledgerBalances(lending),
  };
}

const byStatus = (rows: { status: string; count: number }[]): Record<string, number> =>
  Object.fromEntries(rows.map(({ status, count }) => [status, count]));

export const whole = (number: number) => number.toLocaleString('en-US');
const money = (amount: number) => amount.toLocaleString('en-US', { minimumFractionDigits: 2 });

export function describePortfolio({ customers, applications, loans, payments, ledger }: Portfolio): string {
  const { balanced, sum, outstanding, accounts } = ledger;
  const parts = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .map(([status, count]) => `${whole(count)} ${status}`)
      .join(', ') || 'none';
  return `In the databases:
  customers     ${whole(customers)}
  applications  ${parts(applications)}
  loans         ${parts(loans)}
  payments      ${whole(payments)}
  ledger        ${balanced ? 'balanced' : 'NOT BALANCED'}: sum ${money(sum)}, outstanding ${money(outstanding)}
${Object.entries(accounts)
  .map(([account, balance]) => `                ${account.padEnd(10)} ${money(balance).padStart(20)}`)
  .join('\n')}`;
}
