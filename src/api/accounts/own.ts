import { linkCustomer } from '../../services/account/link-customer.ts';
import type { Identity } from '../../services/account/resource.ts';
import { findCustomer, findCustomerByEmail } from '../../services/customer/find-customers.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { notFound, orNotFound } from '../http/problem.ts';
import type { Caller } from './identity.ts';

/** The customer of the caller's account. Without a link, or when the customer is gone, it is found by e-mail address. */
export async function linkedCustomer(
  { registry, accounts }: ApiContext,
  { account }: { account?: Identity | undefined },
): Promise<string | null> {
  if (!accounts || !account) return null;
  const { customers } = accounts;
  const { customer_id: known, email } = account;
  const linked = known === null ? undefined : await askDatabase(() => findCustomer(customers, known));
  if (linked) return linked.id;
  const customerId = (await askDatabase(() => findCustomerByEmail(customers, email))) ?? null;
  if (customerId === known) return known;
  return askDatabase(() => linkCustomer(registry, account, customerId));
}

/** The id of the customer with this e-mail address, linked or not. */
export const customerWith = async ({ accounts }: ApiContext, email: string): Promise<string | undefined> =>
  accounts && askDatabase(() => findCustomerByEmail(accounts.customers, email));

/** Throws a 404 for another customer than the caller, the same as for one that does not exist. */
export const requireOwnCustomer = (context: ApiContext, caller: Caller, id: string): Promise<void> =>
  requireOwn(context, caller, { customerId: id, what: 'customer', id });

/** The row. Throws a 404 for another customer's row, the same as without one. */
export async function ownOrNotFound<T extends { customer_id: string }>(
  context: ApiContext,
  caller: Caller,
  row: T | undefined,
  what: string,
  id: string,
): Promise<T> {
  const found = orNotFound(row, what, id);
  await requireOwn(context, caller, { customerId: found.customer_id, what, id });
  return found;
}

async function requireOwn(
  context: ApiContext,
  caller: Caller,
  { customerId, what, id }: { customerId: string; what: string; id: string },
): Promise<void> {
  if (caller.role !== 'customer') return;
  if ((await linkedCustomer(context, caller)) !== customerId) throw notFound(what, id);
}
