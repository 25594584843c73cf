import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadStackConfig } from '../../src/config-stack.ts';
import { type Access, type Person, startAccess } from '../access/support.ts';
import { portOf } from '../support/port-of.ts';
import { findSchemathesis } from '../support/schemathesis-tool.ts';

let access: Access;
beforeAll(async () => {
  access = await startAccess();
});
afterAll(() => access.system.end());

const schemathesis = await findSchemathesis(loadStackConfig().cache, console.log);

test.skipIf(!schemathesis)(
  'schemathesis, as an admin, finds nothing wrong with what /openapi.json promises',
  async () => {
    const { system, as } = access;
    expect(await fuzz(await as('admin'))).toBe('clean');
    const [customers] = await system.sql.customer`select count(*)::int from customer`;
    expect(customers).not.toEqual({ count: 0 });
  },
  400_000,
);

/** Without a token it would sign up, as a customer, who may do little. */
async function fuzz({ access_token }: Person): Promise<string> {
  const server = serve({ fetch: access.system.app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const port = portOf(server);
  const url = `http://127.0.0.1:${port}/openapi.json`;
  const config = join(import.meta.dirname, 'schemathesis.toml');
  const token = ['--header', `Authorization: Bearer ${access_token}`];
  const extent = ['--max-examples', '3', '--seed', '1', '--continue-on-failure'];
  const options = [...token, ...extent, '--no-color'];
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
