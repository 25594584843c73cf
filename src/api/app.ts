import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { observeRequests } from '../metrics/requests.ts';
import { decisionRoutes } from './decide.ts';
import { serveDocs } from './docs.ts';
import { getSagaRoutes } from './get-saga.ts';
import { healthRoutes } from './health.ts';
import { listSagasRoutes } from './list-sagas.ts';
import { operatorRoutes } from './operate.ts';
import { refuseOtherMethods } from './other-methods.ts';
import { Problem } from './problem.ts';
import { router } from './router.ts';
import { sagaEventsRoutes } from './saga-events.ts';
import type { Services } from './services.ts';
import { startFormRoutes } from './start-form.ts';
import { startRoutes, unknownType } from './start-routes.ts';
import { SagaWatch } from './watch.ts';

const bodyLimitBytes = 64 * 1024;

/** The API, without a server: `app.request()` calls it. */
export function createApp(given: Omit<Services, 'watch'>) {
  const services = { ...given, watch: new SagaWatch(given.temporal) };
  const app = router();
  app.use(
    observeRequests(services),
    bodyLimit({
      maxSize: bodyLimitBytes,
      onError: () => {
        throw new Problem(413, `the body is larger than ${bodyLimitBytes} bytes`);
      },
    }),
  );
  const routes = app
    .route('/', healthRoutes(services))
    .route('/', startRoutes(services))
    .route('/', startFormRoutes(services))
    .route('/', listSagasRoutes(services))
    .route('/', getSagaRoutes(services))
    .route('/', sagaEventsRoutes(services))
    .route('/', decisionRoutes(services))
    .route('/', operatorRoutes(services));
  serveDocs(app);
  app.post('/sagas/:type', unknownType);
  refuseOtherMethods(app);

  app.notFound((c) => new Problem(404, `there is nothing at ${c.req.path}`).respond(c));
  app.onError((error, c) => {
    if (error instanceof Problem) return error.respond(c);
    if (error instanceof HTTPException && error.status === 400)
      return new Problem(400, 'the body is not valid JSON').respond(c);
    services.logger.error({ err: error, path: c.req.path }, 'request failed');
    return new Problem(500, 'an unexpected error: its cause is in the log of the API').respond(c);
  });
  return routes;
}

/** What `hc` makes a typed client of. */
export type Api = ReturnType<typeof createApp>;
