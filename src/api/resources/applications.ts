import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { createApplication } from '../../services/mortgage/create-application.ts';
import { deleteApplication } from '../../services/mortgage/delete-application.ts';
import { applicationsOf, findApplication } from '../../services/mortgage/find-applications.ts';
import { applicationBody, applicationRow } from '../../services/mortgage/resource.ts';
import { updateApplication } from '../../services/mortgage/update-application.ts';
import { writeDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { orNotFound } from '../http/problem.ts';
import { pathId, readBody } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { ownRow, ownRows } from './own-rows.ts';
import { createOnce, removeOrNotFound } from './rows.ts';

const ofCustomer = ({ customer_id }: { customer_id: string }) => `/customers/${customer_id}/applications`;

export function applicationRoutes(context: ApiContext, database: Database) {
  const { routes, get, post, put, remove } = jsonRoutes(context, 'applications');
  const path = '/applications/{id}';

  post(
    '/applications',
    {
      access: 'write',
      operation: 'createApplication',
      summary: 'Create an application',
      body: applicationBody,
      response: applicationRow,
    },
    (c, caller) =>
      createOnce(c, caller, database, createApplication, '/applications', { listed: ofCustomer }),
  );

  get(
    path,
    { access: 'read', operation: 'getApplication', summary: 'An application', response: applicationRow },
    (c, caller) => ownRow(c, context, caller, 'application', (id) => findApplication(database, id)),
  );

  put(
    path,
    {
      access: 'write',
      operation: 'updateApplication',
      summary: 'Change an application that no saga holds',
      body: applicationBody,
      response: applicationRow,
    },
    async (c) => {
      const id = pathId(c);
      const body = await readBody(c, applicationBody);
      const row = await writeDatabase(() => updateApplication(database, id, body));
      return c.json(orNotFound(row, 'application', id));
    },
  );

  remove(
    path,
    { access: 'write', operation: 'deleteApplication', summary: 'Delete an application that no saga holds' },
    async (c) => {
      const id = pathId(c);
      return removeOrNotFound(c, 'application', id, () => deleteApplication(database, id));
    },
  );

  get(
    '/customers/{customerId}/applications',
    {
      access: 'read',
      operation: 'listApplicationsOfCustomer',
      summary: 'The applications of a customer, newest first',
      response: z.array(applicationRow),
    },
    (c, caller) => ownRows(c, context, caller, (id) => applicationsOf(database, id)),
  );
  return routes;
}
