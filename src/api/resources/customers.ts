import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { createCustomer } from '../../services/customer/create-customer.ts';
import { claimsOn, deleteCustomer, isForgotten } from '../../services/customer/delete-customer.ts';
import { findCustomer, listCustomers } from '../../services/customer/find-customers.ts';
import { customerBody, customerRow } from '../../services/customer/resource.ts';
import { updateCustomer } from '../../services/customer/update-customer.ts';
import { requireOwnCustomer } from '../accounts/own.ts';
import { askDatabase, writeDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { pageOf, pageQuery, readCursor } from '../http/cursor.ts';
import { orNotFound } from '../http/problem.ts';
import { problems } from '../http/problem-responses.ts';
import { pathId, readBody, readQuery } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { createOnce, removeOrNotFound } from './rows.ts';
import { whichEnded } from './which-ended.ts';

const pageCursor = z.strictObject({ id: z.guid() });
const list = z
  .object({ items: z.array(customerRow), next_cursor: z.string().nullable() })
  .meta({ id: 'CustomerList' });

export function customerRoutes(context: ApiContext, database: Database) {
  const { routes, get, post, put, remove } = jsonRoutes(context, 'customers');
  const path = '/customers/{id}';

  post(
    '/customers',
    {
      access: 'write',
      operation: 'createCustomer',
      summary: 'Create a customer',
      body: customerBody,
      response: customerRow,
    },
    (c, caller) => createOnce(c, caller, database, createCustomer, '/customers', { isForgotten }),
  );

  get(
    '/customers',
    {
      access: 'read everything',
      operation: 'listCustomers',
      summary: 'Customers, newest first',
      query: pageQuery,
      response: list,
    },
    async (c) => {
      const { limit, cursor } = readQuery(c, pageQuery);
      const after = readCursor(pageCursor, cursor)?.id;
      const rows = await askDatabase(() => listCustomers(database, limit + 1, after));
      return c.json(pageOf(rows, limit, ({ id }) => ({ id })));
    },
  );

  get(
    path,
    { access: 'read', operation: 'getCustomer', summary: 'A customer', response: customerRow },
    async (c, caller) => {
      const id = pathId(c);
      await requireOwnCustomer(context, caller, id);
      return c.json(orNotFound(await askDatabase(() => findCustomer(database, id)), 'customer', id));
    },
  );

  put(
    path,
    {
      access: 'write',
      operation: 'updateCustomer',
      summary: 'Change a customer',
      body: customerBody,
      response: customerRow,
    },
    async (c) => {
      const id = pathId(c);
      const body = await readBody(c, customerBody);
      return c.json(
        orNotFound(await writeDatabase(() => updateCustomer(database, id, body)), 'customer', id),
      );
    },
  );

  remove(
    path,
    {
      access: 'write',
      operation: 'deleteCustomer',
      summary: 'Delete a customer that no running saga has claimed',
      more: problems(429),
    },
    async (c) => {
      const id = pathId(c);
      const claims = await askDatabase(() => claimsOn(database, id));
      const ended = await whichEnded(context, claims);
      return removeOrNotFound(c, 'customer', id, () => deleteCustomer(database, id, ended));
    },
  );
  return routes;
}
