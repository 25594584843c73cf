import { hostname } from 'node:os';
import { sql } from 'drizzle-orm';
import type { Context } from 'hono';
import { Problem } from './problem.ts';
import type { Services } from './services.ts';
import { askTemporal } from './temporal.ts';

/** 200 while the process runs. */
export const liveness = (c: Context) =>
  c.json({
    status: 'up',
    host: hostname(),
    pid: process.pid,
    node: process.version,
    uptime_s: Math.floor(process.uptime()),
  });

/** 200 when database and Temporal answer, else 503 naming which does not. */
export const readiness = ({ registry, temporal }: Services) =>
  async function readiness(c: Context) {
    const answers = await Promise.allSettled([
      registry.query.execute(sql`select 1`),
      askTemporal(temporal, () => temporal.workflowService.getSystemInfo({}), 1_000),
    ]);
    const missing = ['database', 'temporal'].filter((_, index) => answers[index]?.status === 'rejected');
    if (missing.length === 0) return c.json({ status: 'ok' });
    throw new Problem(503, `not ready: ${missing.join(', ')}`, {
      headers: { 'retry-after': '5' },
      more: { not_ready: missing },
    });
  };
