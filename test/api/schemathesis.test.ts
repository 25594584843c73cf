import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadStackConfig } from '../../src/config-stack.ts';
import { portOf } from '../support/port-of.ts';
import { findSchemathesis } from '../support/schemathesis-tool.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const schemathesis = await findSchemathesis(loadStackConfig().cache, console.log);

test.skipIf(!schemathesis)(
  'schemathesis finds nothing wrong with what /openapi.json promises',
  async () => expect(await fuzz(system.app)).toBe('clean'),
  400_000,
);

async function fuzz(app: Pick<System['app'], 'fetch'>): Promise<string> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const port = portOf(server);
  const url = `http://127.0.0.1:${port}/openapi.json`;
  const config = join(import.meta.dirname, 'schemathesis.toml');
  const checks = ['--checks', 'all', '--max-examples', '3'];
  const options = [...checks, '--seed', '1', '--continue-on-failure', '--no-color'];
  // It keeps its findings and examples where it runs: not in the checkout, and not from one run to the next.
  const cwd = await mkdtemp(join(tmpdir(), 'unwind-schemathesis-'));
  const run = promisify(execFile)(schemathesis, ['--config-file', config, 'run', url, ...options], {
    cwd,
    maxBuffer: 1e8,
  });
  const report = await run.then(
    () => 'clean',
    ({ stdout }: { stdout: string }) => briefly(stdout),
  );
  server.close();
  await rm(cwd, { recursive: true });
  return report;
}

/** Its inputs can be very long lines. */
const briefly = (report: string) =>
  report
    .slice(report.indexOf('FAILURES'))
    .split('\n')
    .map((line) => line.slice(0, 300))
    .slice(0, 150)
    .join('\n');
