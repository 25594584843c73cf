import { loanPayment as saga } from '../../src/workflows/loan-payment.ts';
import type { System } from '../support/system.ts';
import type { SagaFacts, Way } from './sagas.ts';

const balance = 1_000;
const interest = 2.71;
const payoff = balance + interest;

/** A loan of its own for each case, of an approved mortgage. */
async function insertLoan({ call }: System): Promise<string> {
  const terms = {
    customer_id: crypto.randomUUID(),
    loan_amount: balance,
    interest_rate: 3.25,
    term_years: 5,
  };
  const mortgage = await call('POST', '/applications', {
    ...terms,
    property_value: 2_000,
    status: 'approved',
  });
  const loan = await call('POST', '/loans', { ...terms, mortgage_id: mortgage.body.id });
  return loan.body.id;
}

const way = (name: string, amount: number, steps: string[], result: object): Way => ({
  name,
  steps,
  input: async (system) => ({ loan_id: await insertLoan(system), payment_amount: amount }),
  result: { interest_amount: interest, ...result },
});

interface Rows {
  payments: string[];
  owed: number;
  loan: string;
  mortgage: string;
  accounts: Record<string, number>;
}

/** What each step makes of the rows, and its compensation. */
const changes: Record<string, (rows: Rows, amount: number) => Partial<Rows>> = {
  'do capture-payment': ({ payments }, amount) => ({
    payments: [...payments, 'captured'],
    accounts: { cash: amount, unapplied: -amount },
  }),
  'undo capture-payment': ({ payments, accounts }, amount) => ({
    payments: [...payments.slice(0, -1), 'refunded'],
    accounts: plus(accounts, { cash: -amount, unapplied: amount }),
  }),
  'do allocate-payment': ({ accounts, owed }, amount) => ({
    payments: ['allocated'],
    owed: cents(owed - amount + interest),
    accounts: plus(accounts, { unapplied: amount, receivable: -amount + interest, interest: -interest }),
  }),
  'undo allocate-payment': ({ accounts, owed }, amount) => ({
    payments: ['captured'],
    owed: cents(owed + amount - interest),
    accounts: plus(accounts, { unapplied: -amount, receivable: amount - interest, interest }),
  }),
  'do close-loan': () => ({ loan: 'paid_off' }),
  'undo close-loan': () => ({ loan: 'active' }),
  'do close-mortgage': () => ({ mortgage: 'closed' }),
  'undo close-mortgage': () => ({ mortgage: 'approved' }),
};

/** Plus 0: no negative zero. */
const cents = (amount: number) => Math.round(amount * 100) / 100 + 0;

function plus(accounts: Record<string, number>, legs: Record<string, number>) {
  const names = new Set([...Object.keys(accounts), ...Object.keys(legs)]);
  const sums = [...names].map((name) => [name, cents((accounts[name] ?? 0) + (legs[name] ?? 0))] as const);
  return Object.fromEntries(sums.filter(([, sum]) => sum !== 0));
}

const payments = ['capture-payment', 'allocate-payment'];
const closing = ['close-loan', 'close-mortgage'];

export const loanPaymentFacts: SagaFacts = {
  steps: saga.definition.steps,
  ways: [
    way('a payment', 100, payments, { principal_amount: 97.29, outstanding_balance: 902.71 }),
    way('the last payment', payoff, [...payments, ...closing], {
      principal_amount: balance,
      outstanding_balance: 0,
    }),
  ],
  undoNeeds: { 'capture-payment': 'allocate-payment', 'allocate-payment': 'close-loan' },

  left(effects, { name }) {
    const amount = name === 'a payment' ? 100 : payoff;
    const rows: Rows = { payments: [], owed: balance, loan: 'active', mortgage: 'approved', accounts: {} };
    for (const { step, reversed } of effects) {
      const change = changes[`${reversed ? 'undo' : 'do'} ${step}`];
      if (!change) throw new Error(`say what ${step} leaves in test/matrix/loan-payment.ts`);
      Object.assign(rows, change(rows, amount));
    }
    return rows;
  },

  async rows({ sql }, id, { loan_id }) {
    const loanId = String(loan_id);
    const [loan] = await sql.loan`select * from loan where id = ${loanId}`;
    const [mortgage] = await sql.mortgage`select status from application where id = ${loan?.['mortgage_id']}`;
    const payments = await sql.loan`select status from payment where saga_id = ${id}`;
    const entries = await sql.loan`
      select account, sum(amount) / 100.0 as sum from ledger_entry where saga_id = ${id} group by account`;
    return {
      payments: payments.map((row) => row['status']),
      owed: Number(loan?.['outstanding_balance']) / 100,
      loan: loan?.['status'],
      mortgage: mortgage?.['status'],
      accounts: plus({}, Object.fromEntries(entries.map((row) => [row['account'], Number(row['sum'])]))),
    };
  },
};
