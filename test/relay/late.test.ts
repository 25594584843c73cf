import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/guard/database.ts';
import { markAlerted, slowSince } from '../../src/services/registry/slow-choreographies.ts';
import { takeAway } from '../support/away.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';
import { startWebhook } from '../support/webhook.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
let webhook: Awaited<ReturnType<typeof startWebhook>>;

beforeAll(async () => {
  webhook = await startWebhook();
  system = await startSystem({ env: { ALERT_WEBHOOK_URL: webhook.url, ALERT_AFTER: 'PT2S' } });
  shop = shopOf(system);
});
afterAll(async () => {
  await system.end();
  webhook.close();
});

const patience = { timeout: 30_000, interval: 100 };
/** The alerts of a saga, by key. */
const alertsOf = (id: string) =>
  Object.fromEntries(
    webhook.taken
      .filter(({ body }) => body.saga_id === id)
      .map(({ key, body }) => [String(key).replace(`alert-${id}-`, ''), body['error']]),
  );

test('a saga that stalled, went on, and then unwinds for too long alerts both times', async () => {
  await system.rest('relay');
  const id = await shop.choreograph([await shop.product({ inventory: 0 }), 1]);
  const products = await takeAway(system, 'product');
  await system.work('relay');
  await expect
    .poll(() => alertsOf(id), patience)
    .toMatchObject({ 'standing-2': 'nothing has happened for longer than PT2S' });

  const orders = await takeAway(system, 'order');
  await products.back();
  await expect
    .poll(() => alertsOf(id), patience)
    .toMatchObject({ compensating: 'unwinding for longer than PT2S' });
  await orders.back();
  expect((await system.untilEnded(id)).state).toBe('compensated');
  expect(await shop.rowsOf(id)).toMatchObject({ orders: [{ status: 'cancelled' }], cash: 0 });
});

test('a parked saga does not alert as stalled, a slow compensation does, and progress since keeps the next alert due', async () => {
  await system.rest('relay');
  const { unwind } = system.sql;
  const database = openDatabase(system.databases.unwind);
  const later = new Date(Date.now() + 3_600_000);
  const id = crypto.randomUUID();
  await unwind`
    insert into saga (id, type, mode, caller, body_hash) values (${id}, 'purchase', 'choreographed', 'admin', 'h')`;
  await unwind`
    insert into choreography (saga_id, created_at, seq, at, state, step)
    values (${id}, now(), 2, now(), 'running', 'reserve-inventory')`;
  const isSlow = async () => (await slowSince(database, later, 100)).some(({ sagaId }) => sagaId === id);
  expect(await isSlow()).toBe(true);
  await unwind`update choreography set parked_at = now() where saga_id = ${id}`;
  expect(await isSlow()).toBe(false);
  await unwind`update choreography set compensating_since = now() where saga_id = ${id}`;
  expect(await isSlow()).toBe(true);
  await markAlerted(database, id, 1);
  expect(await isSlow()).toBe(true);
  await markAlerted(database, id, 2);
  expect(await isSlow()).toBe(false);
  await database.end();
});
