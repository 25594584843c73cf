import postgres from 'postgres';
import type { Config } from '../../src/config.ts';
import { formatCents } from '../../src/money/money.ts';

/** What a saga has left in the services' databases, a line per row. */
export async function readBack(databases: Config['databases'], sagaId: string): Promise<string[]> {
  const connect = (name: keyof Config['databases']) => postgres(databases[name], { max: 1 });
  const customer = connect('customer');
  const mortgage = connect('mortgage');
  const loan = connect('loan');
  try {
    const customers = await customer`select name, email from customer where saga_id = ${sagaId}`;
    const applications = await mortgage`select status, held_by from application where saga_id = ${sagaId}`;
    const loans = await loan`select status, monthly_payment from loan where saga_id = ${sagaId}`;
    const entries =
      await loan`select account, amount from ledger_entry where saga_id = ${sagaId} order by leg`;
    const sum = entries.reduce((total, { amount }) => total + BigInt(amount), 0n);
    return [
      `customer: ${customers.map(({ name, email }) => `${name} <${email}>`).join(', ') || 'none'}`,
      `application: ${applications.map(({ status }) => status).join(', ') || 'none'}`,
      `loan: ${loans.map((row) => `${row.status}, ${formatCents(BigInt(row.monthly_payment))} a month`).join(', ') || 'none'}`,
      `ledger: ${[...entries.map(({ account, amount }) => `${account} ${formatCents(BigInt(amount))}`), `sum ${formatCents(sum)}`].join(', ')}`,
    ];
  } finally {
    await Promise.all([customer, mortgage, loan].map((sql) => sql.end()));
  }
}
