import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventTable } from '../scripts/event-table.ts';
import { loadConfig } from '../src/config.ts';
import { openDatabase } from '../src/guard/database.ts';
import { createLogger } from '../src/logger.ts';
import { ancillaryReactions } from '../src/reactions/reactions.ts';
import { type Program, start, stopAll } from './compose/programs.ts';
import { applyPage } from './support/apply-page.ts';
import { databaseVariables } from './support/databases.ts';
import { portOf } from './support/port-of.ts';
import { shopOf } from './support/shop.ts';
import { type System, startSystem, temporalVariables } from './support/system.ts';

const project = join(import.meta.dirname, '..');
const page = readFileSync(join(project, 'docs', 'events.md'), 'utf8');

let system: System;
let changed: Awaited<ReturnType<typeof applyPage>>;
const told: { key: unknown; body: unknown }[] = [];
const warehouse = createServer(async (request, response) => {
  let text = '';
  for await (const bytes of request) text += bytes;
  told.push({ key: request.headers['idempotency-key'], body: JSON.parse(text) });
  response.writeHead(told.length === 1 ? 503 : 204).end();
});

beforeAll(async () => {
  changed = await applyPage('events.md');
  system = await startSystem();
  await once(warehouse.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  await stopAll();
  await system.end();
  warehouse.close();
  changed.remove();
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
  expect(changed.diffs).toHaveLength(3);
  expect(await changed.compile()).toBe('');

  await system.rest('relay');
  const port = portOf(warehouse);
  const { PATH, HOME } = process.env;
  const relay: Program = start(
    [process.execPath, '--import', 'tsx', 'src/worker.ts', 'relay'],
    changed.copy,
    {
      ...{ PATH, HOME, ...databaseVariables(system.databases) },
      ...temporalVariables(system.temporal),
      WORKER_METRICS_PORT: '0',
      WAREHOUSE_URL: `http://127.0.0.1:${port}`,
    },
  );
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
  const query = /```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  await expect
    .poll(() => system.sql.unwind.unsafe(query), { timeout: 20_000 })
    .toMatchObject([{ day: expect.any(Date), event: 'order.completed', count: 1 }]);
});
