import type { Hono } from 'hono';
import { Problem } from './problem.ts';

/** 405 with `Allow` for a known path with another method. Call it after all routes are added. */
export function refuseOtherMethods(app: Pick<Hono, 'routes' | 'all'>) {
  const allowed = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === 'ALL') continue;
    const methods = allowed.get(path) ?? new Set();
    allowed.set(path, methods.add(method));
    if (method === 'GET') methods.add('HEAD');
  }
  for (const [path, methods] of allowed) {
    const allow = [...methods].join(', ');
    app.all(path, (c) => {
      throw new Problem(405, `${c.req.method} is not possible here: use ${allow}`, { headers: { allow } });
    });
  }
}
