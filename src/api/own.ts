import { linkCustomer } from '../services/account/link-customer.ts';
import type { Identity } from '../services/account/resource.ts';
import { findCustomer, findCustomerByEmail } from '../services/customer/find-customers.ts';
import type { Caller } from './identity.ts';
import { found } from './resources.ts';
import { askDatabase, type Services } from './services.ts';

/**
 * The customer that the caller's account is linked to. As long as there is none, or when that one is gone, it is looked
 * up by the e-mail address.
 */
export async function linkedCustomer(
  { registry, accounts }: Services,
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

/** The id of the customer with this e-mail address, whoever is linked to it. */
export const customerWith = async ({ accounts }: Services, email: string): Promise<string | undefined> =>
  accounts && askDatabase(() => findCustomerByEmail(accounts.customers, email));

/** `id` of the thing that belongs to the customer. Throws the same 404 as where there is none. */
export async function requireOwn(
  services: Services,
  caller: Caller,
  { customerId, what, id }: { customerId: string; what: string; id: string },
): Promise<void> {
  if (caller.role !== 'customer') return;
  found((await linkedCustomer(services, caller)) === customerId || undefined, what, id);
}

/** The row, unless it is another customer's. Throws the same 404 for that as where there is none. */
export async function foundOwn<T extends { customer_id: string }>(
  services: Services,
  caller: Caller,
  row: T | undefined,
  what: string,
  id: string,
): Promise<T> {
  const there = found(row, what, id);
  await requireOwn(services, caller, { customerId: there.customer_id, what, id });
  return there;
}
