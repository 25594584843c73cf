import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Logger } from 'pino';
import { Histogram, type Registry } from 'prom-client';

interface Options {
  logger: Logger;
  metrics?: Registry | undefined;
}

/** Logs and measures each request by its route template; an event stream until it opens. */
export function observeRequests({ logger, metrics }: Options): MiddlewareHandler {
  const duration = metrics && requestDuration(metrics);
  return async function observeRequests(c, next) {
    const since = performance.now();
    await next();
    const seconds = (performance.now() - since) / 1_000;
    const request = { method: c.req.method, route: routeOf(c), status: c.res.status };
    duration?.observe(request, seconds);
    logger.info({ ...request, duration_ms: Math.round(seconds * 1_000), saga: sagaOf(c) }, 'request');
  };
}

const requestDuration = (metrics: Registry) =>
  new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of requests to the API, by route template',
    labelNames: ['method', 'route', 'status'],
    // Up to the maximum of `Prefer: wait`.
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [metrics],
  });

/** Ignores middlewares. The route for wrong methods counts only if no other matches. */
function routeOf(c: Context): string {
  const routes = matchedRoutes(c).filter(({ path }) => !path.endsWith('*'));
  const route = routes.find(({ method }) => method !== 'ALL') ?? routes[0];
  return route?.path ?? 'none';
}

/** From the path, or the `Location` of a start. */
function sagaOf(c: Context): string | undefined {
  const named = [c.req.path, c.res.headers.get('location') ?? ''];
  const [id] = named.flatMap((path) => /^\/sagas\/([\da-f-]{36})(?=\/|$)/i.exec(path)?.[1] ?? []);
  return id?.toLowerCase();
}
