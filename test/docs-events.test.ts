import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventTable } from '../scripts/event-table.ts';
import { loadConfig } from '../src/config.ts';
import { openDatabase } from '../src/guard/database.ts';
import { createLogger } from '../src/logger.ts';
import { ancillaryReactions } from '../src/reactions/reactions.ts';
import { type Program, start, stopAll } from './compose/programs.ts';
import { databaseVariables } from './support/events-command.ts';
import { shopOf } from './support/shop.ts';
import { type System, startSystem, temporalVariables } from './support/system.ts';

const project = join(import.meta.dirname, '..');
const page = readFileSync(join(project, 'docs', 'events.md'), 'utf8');
const blocksOf = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block]) => block ?? '',
  );
const run = promisify(execFile);

let system: System;
/** The project, with what the page says done to it. */
let copy: string;
const told: { key: unknown; body: unknown }[] = [];
const warehouse = createServer(async (request, response) => {
  let text = '';
  for await (const bytes of request) text += bytes;
  told.push({ key: request.headers['idempotency-key'], body: JSON.parse(text) });
  response.writeHead(told.length === 1 ? 503 : 204).end();
});

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'unwind-events-'));
  for (const name of ['src', 'tsconfig.json', 'package.json'])
    cpSync(join(project, name), join(copy, name), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'page.diff'), blocksOf('diff').join(''));
  await run('git', ['apply', '--unidiff-zero', 'page.diff'], { cwd: copy });
  system = await startSystem();
  await once(warehouse.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  await stopAll();
  await system.end();
  warehouse.close();
  rmSync(copy, { recursive: true });
});

test('the events of the page are those of the steps, with what follows from them', async () => {
  const between = /<!-- events -->\n\n([\s\S]*?)\n\n<!-- \/events -->/.exec(page)?.[1];
  const nowhere = openDatabase('postgres://127.0.0.1:1');
  const reactions = ancillaryReactions({
    databases: { customer: nowhere, loan: nowhere, order: nowhere, unwind: nowhere },
    config: loadConfig({}),
    logger: createLogger('test', 'silent'),
  });
  expect(between).toBe(eventTable(reactions));
  for (const { name } of reactions) expect(page).toContain(`**\`${name}\`**`);
  await nowhere.end();
});

test('the reaction of the page applies, compiles, and follows from the events of the purchases that come', async () => {
  expect(blocksOf('diff')).toHaveLength(3);
  const { stdout } = await run(join(project, 'node_modules', '.bin', 'tsc'), [], { cwd: copy });
  expect(stdout).toBe('');

  await system.rest('relay');
  const { port } = z.object({ port: z.number() }).parse(warehouse.address());
  const { PATH, HOME } = process.env;
  const relay: Program = start([process.execPath, '--import', 'tsx', 'src/worker.ts', 'relay'], copy, {
    ...{ PATH, HOME, ...databaseVariables(system.databases) },
    ...temporalVariables(system.temporal),
    WORKER_METRICS_PORT: '0',
    WAREHOUSE_URL: `http://127.0.0.1:${port}`,
  });
  const shop = shopOf(system);
  const id = await shop.choreograph([await shop.product(), 1]);
  await expect
    .poll(() => (relay.running() ? told.length : relay.printed()), { timeout: 40_000, interval: 50 })
    .toBe(2);
  const [event] = await system.sql.order`
    select id from saga_outbox where saga_id = ${id} and event_type = 'order.completed'`;
  expect(told[0]).toEqual({
    key: `order-${event?.['id']}`,
    body: { order_id: id, completed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
  });
  expect(told[1]).toEqual(told[0]);
  expect((await system.untilEnded(id)).state).toBe('completed');
  expect(await relay.stop()).toBe(0);
}, 120_000);

test('the query of the page shows the daily counts', async () => {
  const [query = ''] = blocksOf('sql');
  await expect
    .poll(() => system.sql.unwind.unsafe(query), { timeout: 20_000 })
    .toMatchObject([{ day: expect.any(Date), event: 'order.completed', count: 1 }]);
});
