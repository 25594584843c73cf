import { mortgageOrigination as saga } from '../../src/workflows/mortgage-origination.ts';
import { application, nothing, rowsOf } from '../support/originations.ts';
import type { System } from '../support/system.ts';
import type { SagaFacts, Way } from './sagas.ts';

const toTheLoan = [
  'approve-application',
  'book-loan',
  'disburse-funds',
  'activate-loan',
  'release-application',
];
const corrected = 400_000;
const granted = {
  steps: ['register-customer', 'submit-application', 'assess-application', ...toTheLoan],
  input: async () => application(),
  correction: { loan_amount: corrected },
  result: { outcome: 'granted' },
};

const ways: Way[] = [
  { ...granted, name: 'a new customer' },
  {
    ...granted,
    name: 'an existing customer',
    steps: ['claim-customer', 'submit-application', 'assess-application', ...toTheLoan],
    async input(system) {
      const { customer, ...terms } = application();
      return { ...terms, customer_id: await insertCustomer(system, customer.email) };
    },
  },
  {
    ...granted,
    name: 'granted by an underwriter',
    decidedBefore: 'approve-application',
    async input() {
      const { annual_income, ...rest } = application();
      return rest;
    },
  },
  {
    name: 'declined',
    steps: ['register-customer', 'submit-application', 'assess-application', 'reject-application'],
    input: async () => ({ ...application(), property_value: 510_000 }),
    correction: { loan_amount: 490_000 },
    result: { outcome: 'declined' },
  },
];

async function insertCustomer({ sql }: System, email: string): Promise<string> {
  const id = crypto.randomUUID();
  await sql.customer`insert into customer (id, name, email) values (${id}, 'Ada', ${email})`;
  return id;
}

type Rows = Awaited<ReturnType<typeof rowsOf>>;

/**
 * What each step makes of the rows, and its compensation. The rows that it changes are the last ones. Who holds them is
 * not said: nobody does, once the saga has ended and the locks were swept.
 */
const changes: Record<string, (rows: Rows, amount: number) => Partial<Rows>> = {
  'do register-customer': () => ({ customers: 1, claims: 1 }),
  'undo register-customer': () => ({ customers: 0, claims: 0 }),
  'do claim-customer': () => ({ claims: 1 }),
  'undo claim-customer': () => ({ claims: 0 }),
  'do submit-application': ({ applications }) => ({ applications: [...applications, 'pending'] }),
  'undo submit-application': ({ applications }) => ({ applications: lastIs(applications, 'withdrawn') }),
  'do assess-application': () => ({}),
  'do reject-application': ({ applications }) => ({ applications: lastIs(applications, 'rejected') }),
  'do approve-application': ({ applications }) => ({ applications: lastIs(applications, 'approved') }),
  'undo approve-application': ({ applications }) => ({ applications: lastIs(applications, 'pending') }),
  'do book-loan': ({ loans }) => ({ loans: [...loans, 'booked'] }),
  'undo book-loan': ({ loans }) => ({ loans: lastIs(loans, 'cancelled') }),
  'do disburse-funds': (_, amount) => ({ entries: [amount, -amount] }),
  'do activate-loan': ({ loans }) => ({ loans: lastIs(loans, 'active') }),
  'do release-application': ({ applications }) => ({ applications: lastIs(applications, 'approved') }),
};

const lastIs = (rows: string[], status: string) => [...rows.slice(0, -1), status];

export const mortgageOrigination: SagaFacts = {
  steps: saga.definition.steps,
  ways,
  undoNeeds: { 'submit-application': 'approve-application' },

  left(effects, way) {
    const rows: Rows = { ...nothing, customers: way.steps.includes('claim-customer') ? 1 : 0 };
    const amount = effects.some(({ generation }) => generation > 1) ? corrected : application().loan_amount;
    for (const { step, reversed } of effects) {
      const change = changes[`${reversed ? 'undo' : 'do'} ${step}`];
      if (!change) throw new Error(`say what ${step} leaves in test/matrix/mortgage-origination.ts`);
      Object.assign(rows, change(rows, amount));
    }
    return rows;
  },

  async rows(system, id, { customer_id }) {
    const rows = await rowsOf(system, id);
    if (typeof customer_id !== 'string') return rows;
    const existing = await system.sql.customer`select 1 from customer where id = ${customer_id}`;
    return { ...rows, customers: rows.customers + existing.length };
  },
};
