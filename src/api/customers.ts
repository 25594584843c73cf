import { z } from 'zod';
import type { Database } from '../guard/database.ts';
import { createCustomer } from '../services/customer/create-customer.ts';
import { claimsOn, deleteCustomer } from '../services/customer/delete-customer.ts';
import { findCustomer, listCustomers } from '../services/customer/find-customers.ts';
import { customerBody, customerRow } from '../services/customer/resource.ts';
import { updateCustomer } from '../services/customer/update-customer.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { requireOwn } from './own.ts';
import { invalid } from './problem.ts';
import { answerDeleted, createOnce, found, mount, pathId, readBody, write } from './resources.ts';
import { problems, router } from './router.ts';
import { askDatabase, type Services } from './services.ts';
import { whichEnded } from './which-ended.ts';

const page = z.object({
  limit: z.coerce.number<string>().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
});
const pageCursor = z.strictObject({ id: z.guid() });
const list = z
  .object({ items: z.array(customerRow), next_cursor: z.string().nullable() })
  .meta({ id: 'CustomerList' });

export function customerRoutes(services: Services, database: Database) {
  const routes = router();
  const path = '/customers/{id}';

  mount(
    routes,
    services,
    {
      method: 'post',
      path: '/customers',
      asks: 'write',
      summary: 'Create a customer',
      body: customerBody,
      answer: customerRow,
    },
    (c, caller) => createOnce(c, caller, database, createCustomer, '/customers'),
  );

  mount(
    routes,
    services,
    {
      method: 'get',
      path: '/customers',
      asks: 'read of everybody',
      summary: 'Customers, newest first',
      query: page,
      answer: list,
    },
    async (c) => {
      const query = page.safeParse(c.req.query());
      if (!query.success) throw invalid(query.error);
      const { limit, cursor } = query.data;
      const after = cursor === undefined ? undefined : readCursor(pageCursor, cursor).id;
      const rows = await askDatabase(() => listCustomers(database, limit + 1, after));
      const items = rows.slice(0, limit);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return c.json({ items, next_cursor: last ? writeCursor({ id: last.id }) : null });
    },
  );

  mount(
    routes,
    services,
    { method: 'get', path, asks: 'read', summary: 'A customer', answer: customerRow },
    async (c, caller) => {
      const id = pathId(c);
      await requireOwn(services, caller, { customerId: id, what: 'customer', id });
      return c.json(found(await askDatabase(() => findCustomer(database, id)), 'customer', id));
    },
  );

  mount(
    routes,
    services,
    {
      method: 'put',
      path,
      asks: 'write',
      summary: 'Change a customer',
      body: customerBody,
      answer: customerRow,
    },
    async (c) => {
      const id = pathId(c);
      const body = await readBody(c, customerBody);
      return c.json(found(await write(() => updateCustomer(database, id, body)), 'customer', id));
    },
  );

  mount(
    routes,
    services,
    {
      method: 'delete',
      path,
      asks: 'write',
      summary: 'Delete a customer that no running saga has claimed',
      more: problems(429),
    },
    async (c) => {
      const id = pathId(c);
      const claims = await askDatabase(() => claimsOn(database, id));
      const over = await whichEnded(services, claims);
      return answerDeleted(c, 'customer', id, () => deleteCustomer(database, id, over));
    },
  );
  return routes;
}
