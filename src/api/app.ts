import { Hono } from 'hono';
import { limitBody } from './body.ts';
import { decideSaga } from './decide.ts';
import { getSaga } from './get-saga.ts';
import { liveness, readiness } from './health.ts';
import { Problem } from './problem.ts';
import type { Services } from './services.ts';
import { startSaga } from './start-saga.ts';

/** The API, without a server: `app.request()` calls it. */
export function createApp(services: Services): Hono {
  const app = new Hono();
  app.use(limitBody);
  app.get('/liveness', liveness);
  app.get('/readiness', readiness(services));
  app.post('/sagas/:type', startSaga(services));
  app.get('/sagas/:id', getSaga(services));
  app.post('/sagas/:id/decision', decideSaga(services));
  refuseOtherMethods(app);

  app.notFound((c) => new Problem(404, `there is nothing at ${c.req.path}`).respond(c));
  app.onError((error, c) => {
    if (error instanceof Problem) return error.respond(c);
    services.logger.error({ err: error, path: c.req.path }, 'request failed');
    return new Problem(500, 'an unexpected error: its cause is in the log of the API').respond(c);
  });
  return app;
}

/** 405 with `Allow` where a path is known and the method is not. */
function refuseOtherMethods(app: Hono) {
  const allowed = new Map<string, string[]>();
  for (const { path, method } of app.routes) {
    if (method === 'ALL') continue;
    const shape = path.replace(/:\w+/g, ':any');
    allowed.set(shape, [...(allowed.get(shape) ?? []), method, ...(method === 'GET' ? ['HEAD'] : [])]);
  }
  for (const [shape, methods] of allowed) {
    const allow = methods.join(', ');
    app.all(shape, (c) => {
      throw new Problem(405, `${c.req.method} is not possible here: use ${allow}`, { headers: { allow } });
    });
  }
}
