import type { Context } from 'hono';
import type { Caller } from '../accounts/identity.ts';
import { ownOrNotFound, requireOwnCustomer } from '../accounts/own.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { pathId } from '../http/read-request.ts';

/** The row that `find` has for an id in the path. Throws the 404 without one, and for another customer's. */
export async function ownRow<T extends { customer_id: string }>(
  c: Context,
  context: ApiContext,
  caller: Caller,
  what: string,
  find: (id: string) => Promise<T | undefined>,
  param = 'id',
) {
  const id = pathId(c, param);
  const row = await askDatabase(() => find(id));
  return c.json(await ownOrNotFound(context, caller, row, what, id));
}

/** The rows of the customer in the path. Throws the 404 for another customer than the caller. */
export async function ownRows<T>(
  c: Context,
  context: ApiContext,
  caller: Caller,
  find: (customerId: string) => Promise<T[]>,
) {
  const id = pathId(c, 'customerId');
  await requireOwnCustomer(context, caller, id);
  return c.json(await askDatabase(() => find(id)));
}
