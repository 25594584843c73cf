import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer, signedUp } from '../accounts/support.ts';
import { portOf } from '../support/port-of.ts';
import { sender } from '../support/resources.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
/** A mail server that accepts connections and never responds. */
const connections = new Set<Socket>();
const silent = createServer((socket) => {
  connections.add(socket);
  socket.on('error', () => {});
});

beforeAll(async () => {
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(silent);
  system = await startSystem({ env: { SMTP_URL: `smtp://127.0.0.1:${port}` } });
});
afterAll(async () => {
  // The relay finishes what it has begun.
  for (const socket of connections) socket.destroy();
  await system.end();
  silent.close();
});

test('mails that do not go out, however many, hold up nothing else that follows from events', async () => {
  const { sql } = system;
  const shop = shopOf(system);
  const send = sender((path, init) => system.app.request(path, init));
  const { access_token } = await signedUp(send);
  const body = shop.basket([await shop.product(), 1]);
  const { purchase_id: id } = (await send('POST', '/api/purchase', body, bearer(access_token))).body;
  await system.untilEnded(id);

  const copies = 80;
  await sql.unwind`
    insert into saga_event (service, id, saga_id, type, payload, step, op, attempt, at)
    select service, 1000000 + n, saga_id, type, payload, step, op, attempt, at
    from saga_event, generate_series(1, ${copies}) n where saga_id = ${id}`;
  await sql.unwind`
    insert into reaction (service, event_id, name)
    select service, id, 'send-mail' from saga_event where id > 1000000`;
  await sql.unwind`
    insert into reaction (service, event_id, name)
    select service, id, 'count-daily' from saga_event where id = 1000001`;
  const count = async () =>
    (await sql.unwind`select sum(count)::int as count from daily_count`)[0]?.['count'];
  await expect.poll(count, { timeout: 15_000 }).toBe(2);
});
