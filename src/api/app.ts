import { OpenAPIHono } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import { followEvents } from '../choreography/follow-events.ts';
import type { Database } from '../guard/database.ts';
import { followSaga } from '../history/follow-saga.ts';
import { observeRequests } from '../metrics/requests.ts';
import { authorizedCaller } from './accounts/access.ts';
import { accountRoutes } from './accounts/account-routes.ts';
import type { ApiContext } from './context.ts';
import { serveDocs } from './http/docs.ts';
import { healthRoutes } from './http/health.ts';
import { limitBody } from './http/limit-body.ts';
import { refuseOtherMethods } from './http/other-methods.ts';
import { Problem } from './http/problem.ts';
import { refuseForeignPages } from './http/refuse-foreign-pages.ts';
import { requireToken } from './http/require-token.ts';
import { applicationRoutes } from './resources/applications.ts';
import { customerRoutes } from './resources/customers.ts';
import { loanRoutes } from './resources/loans.ts';
import { paymentRoutes } from './resources/payments.ts';
import { listSagasRoutes } from './saga-list/list-sagas.ts';
import { decisionRoutes } from './sagas/decide.ts';
import { getSagaRoutes } from './sagas/get-saga.ts';
import { operatorRoutes } from './sagas/operate.ts';
import { sagaEventsRoutes } from './sagas/saga-events.ts';
import { startFormRoutes } from './sagas/start-form.ts';
import { startRoutes, unknownType } from './sagas/start-routes.ts';
import { startLimiter } from './sagas/start-saga.ts';
import { SagaWatch } from './sagas/watch.ts';
import { productRoutes } from './shop/products.ts';
import { purchaseResultRoutes } from './shop/purchase-stream.ts';
import { purchaseRoutes } from './shop/purchases.ts';

/** The services with resources. */
export const resourceServices = ['customer', 'mortgage', 'loan'] as const;
export type ResourceService = (typeof resourceServices)[number];

type Given = Omit<ApiContext, 'watch' | 'starts' | 'clock' | 'accounts'> &
  Partial<Pick<ApiContext, 'clock' | 'starts'>>;

const contextOf = (given: Given, accounts?: ApiContext['accounts']): ApiContext => ({
  clock: () => new Date(),
  starts: startLimiter(),
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
  const context = contextOf(
    { ...given, shop: databases },
    { auth, customers: databases.customer, loans: databases.loan },
  );
  const app = observed(context);
  if (auth === 'off') app.use(refuseForeignPages);
  app
    .route('/', healthRoutes(context, context.registry))
    .route('/', startRoutes(context))
    .route('/', startFormRoutes(context))
    .route('/', listSagasRoutes(context))
    .route('/', getSagaRoutes(context))
    .route('/', sagaEventsRoutes(context))
    .route('/', decisionRoutes(context))
    .route('/', operatorRoutes(context));
  for (const service of resourceServices) mountResources(app, service, context, databases[service]);
  app
    .route('/', accountRoutes(context))
    .route('/', productRoutes(context, databases.product))
    .route('/', purchaseRoutes(context, databases))
    .route('/', purchaseResultRoutes(context));
  serveDocs(app, 'Durable sagas for mortgage lending');
  app.post('/sagas/:type', async (c) => {
    await authorizedCaller(context, c, 'start');
    return unknownType(c);
  });
  finish(app, context.logger);
  return app;
}

/** One service's resources, for its own port. */
export function createServiceApp(
  service: ResourceService,
  given: Given,
  { database, token }: { database: Database; token?: string | undefined },
) {
  const context = contextOf(given);
  const app = observed(context);
  app.route('/', healthRoutes(context, database));
  app.use(token === undefined ? refuseForeignPages : requireToken(token));
  mountResources(app, service, context, database);
  serveDocs(app, `The ${service} service`, { token: token !== undefined });
  finish(app, context.logger);
  return app;
}

function observed(context: ApiContext) {
  const app = new OpenAPIHono();
  app.use(observeRequests(context), limitBody);
  return app;
}

type Routes = (context: ApiContext, database: Database) => OpenAPIHono;

const resourcesOf: Record<ResourceService, Routes[]> = {
  customer: [customerRoutes],
  mortgage: [applicationRoutes],
  loan: [loanRoutes, paymentRoutes],
};

function mountResources(app: OpenAPIHono, service: ResourceService, context: ApiContext, database: Database) {
  for (const routes of resourcesOf[service]) app.route('/', routes(context, database));
}

function finish(app: OpenAPIHono, logger: Logger) {
  refuseOtherMethods(app);
  app.notFound((c) => new Problem(404, `there is nothing at ${c.req.path}`).respond(c));
  app.onError((error, c) => {
    if (error instanceof Problem) return error.respond(c);
    logger.error({ err: error, path: c.req.path }, 'request failed');
    return new Problem(500, 'an unexpected error: its cause is in the log of this process').respond(c);
  });
}
