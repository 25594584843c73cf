import { expect } from 'vitest';
import type { Failpoint } from '../../src/guard/failpoints.ts';
import { type SagaView, type System, stepsOf } from './system.ts';

let people = 0;

export const application = () => ({
  customer: { name: 'Ada', email: `ada-${people++}@example.com` },
  loan_amount: 500_000,
  property_value: 750_000,
  interest_rate: 3.25,
  term_years: 30,
  annual_income: 120_000,
});

/** Without an income: one that waits for an underwriter. */
export function referred() {
  const { annual_income: _, ...rest } = application();
  return rest;
}

/** Starts a saga that would be granted, with faults that hit it alone. */
export async function originate(system: System, faults: Omit<Failpoint, 'saga'>[] = [], more = {}) {
  const saga = crypto.randomUUID();
  system.config.failpoints.push(...faults.map((fault) => ({ ...fault, saga })));
  const body = { saga_id: saga, type: 'mortgage-origination', ...application(), ...more };
  const { status, body: answer } = await system.call('POST', '/start', body);
  expect(status, JSON.stringify(answer)).toBe(202);
  return saga;
}

/** Removes the faults of one saga. */
export function heal(system: System, saga: string) {
  const { failpoints } = system.config;
  failpoints.splice(0, failpoints.length, ...failpoints.filter((fault) => fault.saga !== saga));
}

export const undosOf = (saga: SagaView) =>
  stepsOf(saga).flatMap((line) => (line.startsWith('undo') ? [line.slice('undo '.length)] : []));

/** What a saga has left in the three databases. */
export async function rowsOf({ sql }: System, id: string) {
  const [customers, claims, applications, loans, entries] = await Promise.all([
    sql.customer`select 1 from customer where saga_id = ${id}`,
    sql.customer`select 1 from customer_claim where claimed_by = ${id}`,
    sql.mortgage`select status, held_by from application where saga_id = ${id} order by created_at`,
    sql.loan`select status, held_by from loan where saga_id = ${id} order by created_at`,
    sql.loan`select amount from ledger_entry where saga_id = ${id} order by leg`,
  ]);
  const status = (row: Record<string, unknown>) => `${row['status']}${row['held_by'] ? ', held' : ''}`;
  return {
    customers: customers.length,
    claims: claims.length,
    applications: applications.map(status),
    loans: loans.map(status),
    entries: entries.map((row) => Number(row['amount']) / 100),
  };
}

export const nothing = { customers: 0, claims: 0, applications: [], loans: [], entries: [] };
export const granted = {
  customers: 1,
  claims: 1,
  applications: ['approved'],
  loans: ['active'],
  entries: [500_000, -500_000],
};
