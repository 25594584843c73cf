import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../src/api/app.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { createLogger } from '../../src/logger.ts';
import { signedUp } from '../accounts/support.ts';
import { inPlaceOfAll } from '../support/databases.ts';
import { sender } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const schemathesis = inject('schemathesis');

test.skipIf(!schemathesis)(
  'schemathesis finds nothing wrong with what /openapi.json promises',
  async () => expect(await fuzz(system.app, ['--checks', 'all', '--max-examples', '6'])).toBe('clean'),
  400_000,
);

test.skipIf(!schemathesis)(
  'with AUTH=on it finds no operation that takes what comes without a token, or with a wrong one',
  async () => {
    const registry = openDatabase(system.databases.unwind);
    const { temporal, config, databases } = system;
    const customers = openDatabase(databases.customer);
    const given = { auth: 'on', registry, temporal: temporal.client, alertAfter: 'PT5M' } as const;
    const more = { temporalUiUrl: config.temporal.uiUrl, logger: createLogger('test', 'silent') };
    const app = createApp({ ...given, ...more }, { ...inPlaceOfAll(registry), customer: customers });
    const { access_token, id } = await signedUp(sender((path, init) => app.request(path, init)));
    await system.sql.unwind`update account set role = 'admin' where id = ${id}`;
    const header = ['--header', `Authorization: Bearer ${access_token}`];
    const found = await fuzz(app, ['--checks', 'ignored_auth', '--max-examples', '1', ...header]);
    await Promise.all([registry.end(), customers.end()]);
    expect(found).toBe('clean');
  },
  400_000,
);

async function fuzz(app: Pick<System['app'], 'fetch'>, more: string[]): Promise<string> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const url = `http://127.0.0.1:${port}/openapi.json`;
  const config = join(import.meta.dirname, 'schemathesis.toml');
  const options = [...more, '--seed', '1', '--continue-on-failure', '--no-color'];
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
