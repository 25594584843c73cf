import { z } from 'zod';
import type { Database } from '../guard/database.ts';
import { createApplication } from '../services/mortgage/create-application.ts';
import { deleteApplication } from '../services/mortgage/delete-application.ts';
import { applicationsOf, findApplication } from '../services/mortgage/find-applications.ts';
import { applicationBody, applicationRow } from '../services/mortgage/resource.ts';
import { updateApplication } from '../services/mortgage/update-application.ts';
import { answerDeleted, createOnce, found, mount, pathId, readBody, write } from './resources.ts';
import { router } from './router.ts';
import { askDatabase } from './services.ts';

export function applicationRoutes(database: Database) {
  const routes = router();
  const path = '/applications/{id}';

  mount(
    routes,
    {
      method: 'post',
      path: '/applications',
      summary: 'Create an application',
      body: applicationBody,
      answer: applicationRow,
    },
    (c) => createOnce(c, database, createApplication, '/applications'),
  );

  mount(routes, { method: 'get', path, summary: 'An application', answer: applicationRow }, async (c) => {
    const id = pathId(c);
    return c.json(found(await askDatabase(() => findApplication(database, id)), 'application', id));
  });

  mount(
    routes,
    {
      method: 'put',
      path,
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
    { method: 'delete', path, summary: 'Delete an application that no saga holds' },
    async (c) => {
      const id = pathId(c);
      return answerDeleted(c, 'application', id, () => deleteApplication(database, id));
    },
  );

  mount(
    routes,
    {
      method: 'get',
      path: '/customers/{customerId}/applications',
      summary: 'The applications of a customer, newest first',
      answer: z.array(applicationRow),
    },
    async (c) => {
      const id = pathId(c, 'customerId');
      return c.json(await askDatabase(() => applicationsOf(database, id)));
    },
  );
  return routes;
}
