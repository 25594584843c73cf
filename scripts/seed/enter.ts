import type { Database } from '../../src/guard/database.ts';
import { runRequest } from '../../src/guard/request.ts';
import { requestId } from '../../src/guard/request-id.ts';
import { createCustomer } from '../../src/services/customer/create-customer.ts';
import { createApplication } from '../../src/services/mortgage/create-application.ts';
import { findApplication } from '../../src/services/mortgage/find-applications.ts';
import { applicationBody } from '../../src/services/mortgage/resource.ts';
import { updateApplication } from '../../src/services/mortgage/update-application.ts';
import { enterLoan } from './enter-loan.ts';
import { type CustomerPlan, type MortgagePlan, planCustomer, type Which } from './plan.ts';

export interface Databases {
  customer: Database;
  mortgage: Database;
  loan: Database;
}

/** Deterministic, so that the guard recognizes what was written before. */
export type IdOf = (what: string) => string;

const idsOf =
  ({ seed, index }: Which): IdOf =>
  (what) =>
    requestId('seed', `${seed}/${index}/${what}`);

/** Writes only the customer. */
export const enterCustomer = (
  { customer }: Databases,
  which: Which,
  { name, email }: Pick<CustomerPlan, 'name' | 'email'>,
) => runRequest(customer, createCustomer, idsOf(which)('customer'), { name, email });

/** Writes a customer with everything that belongs to it. Idempotent. */
export async function enter(databases: Databases, which: Which, today: Date) {
  const { mortgages, ...person } = planCustomer(which, today);
  const customer = await enterCustomer(databases, which, person);
  for (const [number, mortgage] of mortgages.entries())
    await enterMortgage(databases, (what) => idsOf(which)(`${number}/${what}`), customer.id, mortgage);
  const loans = mortgages.flatMap(({ loan }) => loan ?? []);
  return { loans: loans.length, payments: loans.flatMap(({ payments }) => payments).length };
}

/** Approved before its loan is entered. Its final status follows from that of the loan. */
async function enterMortgage(databases: Databases, idOf: IdOf, customer_id: string, plan: MortgagePlan) {
  const { terms, outcome, loan } = plan;
  const status = loan ? 'approved' : outcome;
  const asked = { customer_id, ...terms, status };
  const { id } = await runRequest(databases.mortgage, createApplication, idOf('application'), asked);
  if (!loan) return;
  await enterLoan(databases, idOf, { customer_id, ...terms, mortgage_id: id }, loan);
  if (loan.status === 'cancelled') await withdraw(databases.mortgage, id);
}

/** Not guarded by a request, so it checks whether there is anything to do. */
async function withdraw(database: Database, id: string) {
  const found = await findApplication(database, id);
  if (found?.status !== 'approved') return;
  await updateApplication(database, id, applicationBody.parse({ ...found, status: 'withdrawn' }));
}
