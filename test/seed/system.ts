import postgres from 'postgres';
import { openDatabase } from '../../src/guard/database.ts';
import { freshDatabases } from '../support/databases.ts';

export const today = new Date('2026-01-15T00:00:00Z');

const tables = {
  customer: ['customer', 'customer_claim', 'saga_step'],
  mortgage: ['application', 'saga_step'],
  loan: ['loan', 'payment', 'ledger_entry', 'saga_step'],
} as const;

export async function freshSystem() {
  const urls = await freshDatabases();
  const databases = {
    customer: openDatabase(urls.customer),
    mortgage: openDatabase(urls.mortgage),
    loan: openDatabase(urls.loan),
  };
  const sql = {
    customer: postgres(urls.customer, { max: 2 }),
    mortgage: postgres(urls.mortgage, { max: 2 }),
    loan: postgres(urls.loan, { max: 2 }),
  };
  const end = async () => {
    await Promise.all([...Object.values(databases), ...Object.values(sql)].map((open) => open.end()));
  };

  /** Every row of every table, by the table's name. */
  async function rows() {
    const found: Record<string, Record<string, unknown>[]> = {};
    for (const name of ['customer', 'mortgage', 'loan'] as const)
      for (const table of tables[name])
        found[`${name}.${table}`] = await sql[name]`select * from ${sql[name](table)} t order by t::text`;
    return found;
  }

  /** The same with what differs from one system to the next taken out: ids that are made, and the time of day. */
  async function story() {
    const found = await rows();
    const names = new Map<string, string>();
    const remember = (table: string, name: (row: Record<string, unknown>) => unknown) => {
      for (const row of found[table] ?? []) names.set(String(row['id']), String(name(row)));
    };
    remember('customer.customer', ({ email }) => email);
    for (const table of ['mortgage.application', 'loan.loan', 'loan.payment'])
      remember(table, ({ saga_id }) => saga_id);
    const told = (_key: string, value: unknown) =>
      typeof value === 'string' ? (names.get(value) ?? value) : value;
    const tell = ({
      at,
      created_at,
      modified_at,
      request_hash,
      result,
      position,
      ...row
    }: Record<string, unknown>) => JSON.stringify(row, told);
    return Object.fromEntries(
      Object.entries(found).map(([table, list]) => {
        const isNumbered = table === 'loan.ledger_entry';
        return [table, list.map((row) => tell(isNumbered ? { ...row, id: 0 } : row)).sort()];
      }),
    );
  }

  return { databases, sql, rows, story, end };
}
