import { hostname } from 'node:os';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { askTemporal } from '../temporal.ts';
import { later, unavailable } from './problem.ts';
import { otherProblems, problems } from './problem-responses.ts';

const aliveSchema = z.looseObject({ status: z.literal('up'), host: z.string() });
const readySchema = z.object({ status: z.literal('ok') });

const liveness = createRoute({
  method: 'get',
  path: '/liveness',
  tags: ['health'],
  operationId: 'getLiveness',
  summary: 'Whether the process runs',
  responses: {
    200: { description: 'it does', content: { 'application/json': { schema: aliveSchema } } },
    ...otherProblems,
  },
});

const readiness = createRoute({
  method: 'get',
  path: '/readiness',
  tags: ['health'],
  operationId: 'getReadiness',
  summary: 'Whether Temporal responds and the database can be written; names what does not',
  responses: {
    200: { description: 'both do', content: { 'application/json': { schema: readySchema } } },
    ...problems(503),
    ...otherProblems,
  },
});

/** A standby, as after a failover, answers reads. */
async function requireWritable({ query }: Database) {
  const [row] = await query.execute(sql`show transaction_read_only`);
  if (row?.['transaction_read_only'] !== 'off') throw unavailable('the database');
}

/** `database`: the one that this process cannot work without. */
export const healthRoutes = ({ temporal }: ApiContext, database: Database) =>
  new OpenAPIHono()
    .openapi(liveness, (c) => {
      const process_ = {
        pid: process.pid,
        node_version: process.version,
        uptime_s: Math.floor(process.uptime()),
      };
      return c.json({ status: 'up' as const, host: hostname(), ...process_ }, 200);
    })
    .openapi(readiness, async (c) => {
      const { namespace } = temporal.options;
      const results = await Promise.allSettled([
        askDatabase(() => requireWritable(database), 1_000),
        askTemporal(temporal, () => temporal.workflowService.describeNamespace({ namespace }), 1_000),
      ]);
      const missing = ['database', 'temporal'].filter((_, index) => results[index]?.status === 'rejected');
      if (missing.length === 0) return c.json({ status: 'ok' as const }, 200);
      throw later(503, `not ready: ${missing.join(', ')}`, 5, { not_ready: missing });
    });
