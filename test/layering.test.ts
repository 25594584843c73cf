import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const project = join(import.meta.dirname, '..');

/** What a file may import or read, and what not. */
const layers: Record<string, { allowed: string[]; forbidden: string[] }> = {
  'src/server.ts': { allowed: ['./config.ts'], forbidden: ['process.env'] },
  'src/api/http/environment.ts': { allowed: [], forbidden: ['process.env'] },
  'src/config.ts': { allowed: ['process.env'], forbidden: [] },
  'src/config-stack.ts': { allowed: ['process.env'], forbidden: [] },
  'src/saga/a.ts': {
    allowed: ['./step.ts', './workflow/run.ts', 'zod', '@temporalio/workflow', '@temporalio/common/lib/time'],
    forbidden: ['../money/money.ts', 'node:fs', 'postgres', 'pino', '@temporalio/client', 'hono/streaming'],
  },
  'src/saga/workflow/a.ts': {
    allowed: ['./run.ts', '../step.ts', '../inline/in-workflow.ts', 'zod', '@temporalio/workflow'],
    forbidden: ['../../money/money.ts', '../../guard/guard.ts', 'node:fs', 'postgres', '@temporalio/client'],
  },
  'src/money/a.ts': { allowed: ['./rate.ts', 'zod'], forbidden: ['../saga/step.ts', 'node:fs', 'postgres'] },
  'src/guard/a.ts': {
    allowed: ['../saga/step.ts', 'postgres'],
    forbidden: ['../services/loan/schema.ts', '@temporalio/common/lib/time', 'hono/streaming'],
  },
  'src/history/a.ts': {
    allowed: ['../saga/fold/fold.ts', '@temporalio/client'],
    forbidden: ['../guard/guard.ts', '@temporalio/workflow', 'hono/streaming'],
  },
  'src/services/loan/a.ts': {
    allowed: ['./schema.ts', '../visit.ts', '../../guard/guard.ts', '../../saga/step.ts', 'drizzle-orm'],
    forbidden: [
      '../mortgage/steps.ts',
      '../../api/app.ts',
      '@temporalio/common/lib/time',
      '@hono/node-server',
    ],
  },
  'src/services/loan/steps.ts': {
    allowed: ['../visit.ts', '../../saga/step.ts', '../../money/money.ts', 'zod'],
    forbidden: [
      './schema.ts',
      '../mortgage/steps.ts',
      '../../api/app.ts',
      '../../guard/guard.ts',
      'node:fs',
      'postgres',
      'hono',
      '@temporalio/workflow',
      'drizzle-orm/pg-core',
    ],
  },
  'src/services/visit.ts': {
    allowed: ['../saga/step.ts', '../money/money.ts', 'zod'],
    forbidden: ['./loan/schema.ts', '../guard/guard.ts', 'node:fs', 'postgres', '@temporalio/workflow'],
  },
  'src/workflows/a.ts': {
    allowed: ['./contracts.ts', '../saga/define-saga.ts', '../services/loan/steps.ts', 'zod'],
    forbidden: ['../services/loan/schema.ts', '@temporalio/workflow', 'node:fs', 'postgres', 'pino'],
  },
  'src/activities/a.ts': {
    allowed: ['../services/loan/book-loan.ts', '@temporalio/activity'],
    forbidden: ['../api/app.ts', 'hono/streaming'],
  },
  'src/choreography/a.ts': {
    allowed: ['../services/order/create-order.ts'],
    forbidden: ['../api/app.ts', 'hono/streaming', '@temporalio/common/lib/time'],
  },
  'src/reactions/a.ts': {
    allowed: ['../services/loan/find-loans.ts'],
    forbidden: ['../api/app.ts', 'hono/streaming', '@temporalio/client'],
  },
  'src/relay/a.ts': {
    allowed: ['../services/registry/find-saga.ts', '../history/grpc.ts', '@temporalio/client'],
    forbidden: ['../services/loan/schema.ts', '../history/read-runs.ts', '@hono/node-server'],
  },
  'src/retention/a.ts': { allowed: ['../guard/database.ts'], forbidden: ['../api/app.ts', 'hono/streaming'] },
  'src/metrics/a.ts': {
    allowed: ['../guard/step-report.ts', '../history/list-runs.ts', 'hono/route'],
    forbidden: ['../api/app.ts', '../services/loan/schema.ts'],
  },
  'src/audit/a.ts': {
    allowed: ['../services/loan/schema.ts', 'drizzle-orm'],
    forbidden: [
      '../services/loan/book-loan.ts',
      '../history/read-runs.ts',
      'hono/streaming',
      '@temporalio/client',
    ],
  },
  'src/api/a.ts': {
    allowed: ['./sagas/a.ts', '../services/loan/find-loans.ts', 'hono/streaming', '@temporalio/client'],
    forbidden: ['../activities/loan.ts', '../workflows/index.ts', '@temporalio/workflow'],
  },
  'src/api/sagas/a.ts': {
    allowed: ['./b.ts', '../a.ts', '../http/a.ts', '../../services/loan/find-loans.ts', '@temporalio/client'],
    forbidden: ['../../activities/loan.ts', '../saga-list/a.ts', '../resources/a.ts', '../shop/a.ts'],
  },
  'src/api/saga-list/a.ts': {
    allowed: ['../http/a.ts', '../accounts/a.ts', '../sagas/a.ts'],
    forbidden: ['../resources/a.ts', '../shop/a.ts', '../../workflows/index.ts'],
  },
  'src/api/http/a.ts': {
    allowed: ['./b.ts', '../context.ts', '../../guard/database.ts'],
    forbidden: [
      '../accounts/a.ts',
      '../sagas/a.ts',
      '../saga-list/a.ts',
      '../resources/a.ts',
      '../shop/a.ts',
      '@temporalio/worker',
    ],
  },
  'src/api/accounts/a.ts': {
    allowed: ['../http/a.ts', '../json-routes.ts', '../../services/account/log-in.ts'],
    forbidden: ['../sagas/a.ts', '../saga-list/a.ts', '../resources/a.ts', '../shop/a.ts'],
  },
  'src/api/resources/a.ts': {
    allowed: ['../http/a.ts', '../accounts/a.ts', '../sagas/a.ts', '../saga-list/a.ts'],
    forbidden: ['../shop/a.ts', '../../workflows/index.ts'],
  },
  'src/api/shop/a.ts': {
    allowed: ['../http/a.ts', '../accounts/a.ts', '../sagas/a.ts', '../resources/a.ts'],
    forbidden: ['../../activities/loan.ts', '@temporalio/workflow'],
  },
};

const report = z.object({
  diagnostics: z.array(
    z.object({
      category: z.string(),
      location: z.object({ path: z.string(), start: z.object({ line: z.int() }) }),
    }),
  ),
});

const rules = new Set(['lint/style/noRestrictedImports', 'lint/style/noProcessEnv']);

const statement = (name: string) => (name === 'process.env' ? 'process.env.HOME;\n' : `import '${name}';\n`);

/** `<file> <name>` of each that the linter refuses. */
let refused: string[];
const copy = mkdtempSync(join(tmpdir(), 'unwind-layers-'));
beforeAll(() => {
  for (const file of ['biome.json', '.gitignore', 'package.json'])
    cpSync(join(project, file), join(copy, file));
  for (const [path, { allowed, forbidden }] of Object.entries(layers)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), [...allowed, ...forbidden].map(statement).join(''));
  }
  // Not `--only`, which turns a rule on in every file.
  const all = ['lint', '--max-diagnostics=none', '--reporter=json', '.'];
  const biome = join(project, 'node_modules', '.bin', 'biome');
  const { stdout } = spawnSync(biome, all, { cwd: copy, encoding: 'utf8' });
  const layering = report.parse(JSON.parse(stdout)).diagnostics.filter(({ category }) => rules.has(category));
  refused = layering.map(({ location: { path, start } }) => {
    const { allowed = [], forbidden = [] } = layers[path] ?? {};
    return `${path} ${[...allowed, ...forbidden][start.line - 1]}`;
  });
});
afterAll(() => rmSync(copy, { recursive: true }));

test.each(Object.entries(layers))(
  '%s imports and reads what its layer may, and nothing else',
  (path, { forbidden }) => {
    const lines = refused.filter((line) => line.startsWith(`${path} `));
    expect(new Set(lines)).toEqual(new Set(forbidden.map((name) => `${path} ${name}`)));
  },
);
