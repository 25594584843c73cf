import type { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import { followEvents } from '../choreography/follow-events.ts';
import type { Database } from '../guard/database.ts';
import { followSaga } from '../history/follow-saga.ts';
import { observeRequests } from '../metrics/requests.ts';
import { asks } from './access.ts';
import { accountRoutes } from './accounts.ts';
import { applicationRoutes } from './applications.ts';
import { customerRoutes } from './customers.ts';
import { decisionRoutes } from './decide.ts';
import { serveDocs } from './docs.ts';
import { getSagaRoutes } from './get-saga.ts';
import { healthRoutes } from './health.ts';
import { limitBody } from './limit-body.ts';
import { listSagasRoutes } from './list-sagas.ts';
import { loanRoutes } from './loans.ts';
import { operatorRoutes } from './operate.ts';
import { refuseOtherMethods } from './other-methods.ts';
import { paymentRoutes } from './payments.ts';
import { Problem } from './problem.ts';
import { productRoutes } from './products.ts';
import { purchaseResultRoutes } from './purchase-results.ts';
import { purchaseRoutes } from './purchases.ts';
import { refuseForeignPages } from './refuse-foreign-pages.ts';
import { requireToken } from './require-token.ts';
import { router } from './router.ts';
import { sagaEventsRoutes } from './saga-events.ts';
import type { Services } from './services.ts';
import { startFormRoutes } from './start-form.ts';
import { startRoutes, unknownType } from './start-routes.ts';
import { startTurns } from './start-saga.ts';
import { SagaWatch } from './watch.ts';

/** The services whose resources have paths here. */
export const resourceServices = ['customer', 'mortgage', 'loan'] as const;
export type ResourceService = (typeof resourceServices)[number];

type Given = Omit<Services, 'watch' | 'starts' | 'clock' | 'accounts'> &
  Partial<Pick<Services, 'clock' | 'starts'>>;

const servicesOf = (given: Given, accounts?: Services['accounts']): Services => ({
  clock: () => new Date(),
  starts: startTurns(),
  ...given,
  accounts,
  watch: new SagaWatch((saga, signal) =>
    saga.mode === 'choreographed'
      ? followEvents(given, saga.sagaId, signal)
      : followSaga({ client: given.temporal, logger: given.logger }, saga, signal),
  ),
});

type ApiDatabases = Record<ResourceService | 'product' | 'order' | 'payment', Database>;

/** The API, without a server: `app.request()` calls it. */
export function createApp({ auth, ...given }: Given & { auth: 'on' | 'off' }, databases: ApiDatabases) {
  const services = servicesOf({ ...given, shop: databases }, { auth, customers: databases.customer });
  const app = observed(services);
  if (auth === 'off') app.use(refuseForeignPages);
  const routes = app
    .route('/', healthRoutes(services, services.registry))
    .route('/', startRoutes(services, databases.loan))
    .route('/', startFormRoutes(services, databases.loan))
    .route('/', listSagasRoutes(services))
    .route('/', getSagaRoutes(services))
    .route('/', sagaEventsRoutes(services))
    .route('/', decisionRoutes(services))
    .route('/', operatorRoutes(services));
  for (const service of resourceServices) mountResources(app, service, services, databases[service]);
  app
    .route('/', accountRoutes(services))
    .route('/', productRoutes(services, databases.product))
    .route('/', purchaseRoutes(services, databases))
    .route('/', purchaseResultRoutes(services));
  serveDocs(app, 'Durable sagas for mortgage lending');
  app.post('/sagas/:type', asks(services, 'start'), unknownType);
  finish(app, services.logger);
  return routes;
}

/** What one service serves on a port of its own. */
export function createServiceApp(
  service: ResourceService,
  given: Given,
  { database, token }: { database: Database; token?: string | undefined },
) {
  const services = servicesOf(given);
  const app = observed(services);
  app.route('/', healthRoutes(services, database));
  app.use(token === undefined ? refuseForeignPages : requireToken(token));
  mountResources(app, service, services, database);
  serveDocs(app, `The ${service} service`);
  finish(app, services.logger);
  return app;
}

function observed(services: Services) {
  const app = router();
  app.use(observeRequests(services), limitBody);
  return app;
}

function mountResources(app: OpenAPIHono, service: ResourceService, services: Services, database: Database) {
  if (service === 'customer') app.route('/', customerRoutes(services, database));
  if (service === 'mortgage') app.route('/', applicationRoutes(services, database));
  if (service === 'loan')
    app.route('/', loanRoutes(services, database)).route('/', paymentRoutes(services, database));
}

function finish(app: OpenAPIHono, logger: Logger) {
  refuseOtherMethods(app);
  app.notFound((c) => new Problem(404, `there is nothing at ${c.req.path}`).respond(c));
  app.onError((error, c) => {
    if (error instanceof Problem) return error.respond(c);
    if (error instanceof HTTPException && error.status === 400)
      return new Problem(400, 'the body is not valid JSON').respond(c);
    logger.error({ err: error, path: c.req.path }, 'request failed');
    return new Problem(500, 'an unexpected error: its cause is in the log of this process').respond(c);
  });
}

/** What `hc` makes a typed client of. */
export type Api = ReturnType<typeof createApp>;
