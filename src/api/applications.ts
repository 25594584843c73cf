import { z } from 'zod';
import type { Database } from '../guard/database.ts';
import { createApplication } from '../services/mortgage/create-application.ts';
import { deleteApplication } from '../services/mortgage/delete-application.ts';
import { applicationsOf, findApplication } from '../services/mortgage/find-applications.ts';
import { applicationBody, applicationRow } from '../services/mortgage/resource.ts';
import { updateApplication } from '../services/mortgage/update-application.ts';
import { foundOwn, requireOwn } from './own.ts';
import { answerDeleted, createOnce, found, mount, pathId, readBody, write } from './resources.ts';
import { router } from './router.ts';
import { askDatabase, type Services } from './services.ts';

export function applicationRoutes(services: Services, database: Database) {
  const routes = router();
  const path = '/applications/{id}';

  mount(
    routes,
    services,
    {
      method: 'post',
      path: '/applications',
      asks: 'write',
      summary: 'Create an application',
      body: applicationBody,
      answer: applicationRow,
    },
    (c, caller) => createOnce(c, caller, database, createApplication, '/applications'),
  );

  mount(
    routes,
    services,
    { method: 'get', path, asks: 'read', summary: 'An application', answer: applicationRow },
    async (c, caller) => {
      const id = pathId(c);
      const row = await askDatabase(() => findApplication(database, id));
      return c.json(await foundOwn(services, caller, row, 'application', id));
    },
  );

  mount(
    routes,
    services,
    {
      method: 'put',
      path,
      asks: 'write',
      summary: 'Change an application that no saga holds',
      body: applicationBody,
      answer: applicationRow,
    },
    async (c) => {
      const id = pathId(c);
      const body = await readBody(c, applicationBody);
      const row = await write(() => updateApplication(database, id, body));
      return c.json(found(row, 'application', id));
    },
  );

  mount(
    routes,
    services,
    { method: 'delete', path, asks: 'write', summary: 'Delete an application that no saga holds' },
    async (c) => {
      const id = pathId(c);
      return answerDeleted(c, 'application', id, () => deleteApplication(database, id));
    },
  );

  mount(
    routes,
    services,
    {
      method: 'get',
      path: '/customers/{customerId}/applications',
      asks: 'read',
      summary: 'The applications of a customer, newest first',
      answer: z.array(applicationRow),
    },
    async (c, caller) => {
      const id = pathId(c, 'customerId');
      await requireOwn(services, caller, { customerId: id, what: 'customer', id });
      return c.json(await askDatabase(() => applicationsOf(database, id)));
    },
  );
  return routes;
}
