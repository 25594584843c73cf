import { once } from 'node:events';
import { createServer } from 'node:http';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer, signedUp } from '../accounts/support.ts';
import { databaseVariables } from '../support/databases.ts';
import { runEvents } from '../support/events-command.ts';
import { application, originate } from '../support/originations.ts';
import { portOf } from '../support/port-of.ts';
import { relayOf } from '../support/relay.ts';
import { sender } from '../support/resources.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';
import { startMailServer } from './mail-server.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
let server: Awaited<ReturnType<typeof startMailServer>>;
const alerts: Record<string, unknown>[] = [];
const webhook = createServer(async (request, response) => {
  let text = '';
  for await (const bytes of request) text += bytes;
  alerts.push(JSON.parse(text));
  response.writeHead(204).end();
});

beforeAll(async () => {
  server = await startMailServer();
  await once(webhook.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(webhook);
  system = await startSystem({
    env: {
      SMTP_URL: server.url,
      MAIL_FROM: 'The Lender <loans@lender.example>',
      ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}`,
    },
  });
  shop = shopOf(system);
});
afterAll(async () => {
  await system.end();
  await server.goAway();
  webhook.close();
});

/** Signs up, and buys. */
async function buy({ price = 100, amount = 2, firstname = 'Ada', lastname = 'Lovelace' } = {}) {
  const send = sender((path, init) => system.app.request(path, init));
  const { access_token, email } = await signedUp(send, { firstname, lastname });
  const product = await shop.product({ price });
  const body = shop.basket([product, amount]);
  const { status, body: answer } = await send('POST', '/api/purchase', body, bearer(access_token));
  expect(status).toBe(201);
  return { id: answer.purchase_id, email };
}

const patience = { timeout: 30_000, interval: 50 };
const untilTaken = (address: string, count = 1) =>
  expect.poll(() => server.to(address).length, patience).toBe(count);

const reactionsTo = (sagaId: string) => system.sql.unwind`
  select reaction.id, name, attempts, error, parked_at is not null as parked, done_at is not null as done
  from reaction join saga_event e on e.service = reaction.service and e.id = event_id
  where saga_id = ${sagaId} order by name`;
const untilMail = (sagaId: string, state: object) =>
  expect
    .poll(async () => (await reactionsTo(sagaId)).find(({ name }) => name === 'send-mail'), patience)
    .toMatchObject(state);

test('a granted loan is mailed with its amount and monthly payment', async () => {
  const { customer, ...terms } = application();
  const id = await originate(system, [], { customer, ...terms });
  await untilTaken(customer.email);
  const [event] = await system.sql.loan`
    select id, payload, created_at from saga_outbox where saga_id = ${id} and event_type = 'loan.granted'`;
  expect(server.to(customer.email)).toEqual([
    {
      to: [customer.email],
      headers: {
        From: 'The Lender <loans@lender.example>',
        To: customer.email,
        Subject: 'Your loan is granted',
        'Message-ID': `<send-mail.loan-${event?.['id']}.${id}@lender.example>`,
        Date: event?.['created_at'].toUTCString().replace('GMT', '+0000'),
        'Auto-Submitted': 'auto-generated',
        'MIME-Version': '1.0',
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Transfer-Encoding': '7bit',
      },
      text: `Dear customer,

Your loan of 500000.00 over 30 years is granted and paid out.
You repay 2176.03 a month.

Loan ${event?.['payload'].loan_id}
`,
    },
  ]);
});

test('a completed order is mailed', async () => {
  const { id, email } = await buy();
  await untilTaken(email);
  expect(server.to(email)).toMatchObject([
    {
      to: [email],
      headers: { To: email, Subject: 'Your order is complete' },
      text: `Dear customer,\n\nYour order is complete and on its way:\n\n  2 x pen\n\nOrder ${id}\n`,
    },
  ]);
});

test('a cancelled order is mailed, with the refund', async () => {
  const { id, email } = await buy({ price: 5_000.01 });
  await untilTaken(email);
  expect(server.to(email)).toMatchObject([
    {
      headers: { Subject: 'Your order is cancelled' },
      text: `Dear customer,

Your order could not be completed and is cancelled:

  2 x pen

You get back what was paid for it.

Order ${id}
`,
    },
  ]);
});

test('an order without an account is not mailed', async () => {
  const before = server.taken.length;
  const id = await shop.choreograph([await shop.product(), 1]);
  await untilMail(id, { done: true, attempts: 1 });
  expect(server.taken).toHaveLength(before);
});

test('nothing of a name arrives, which anybody can choose for any address', async () => {
  const evil = 'Your account is blocked: unlock it at https://evil.example\r\nBcc: eve@example.com\r\n\r\n';
  const { customer } = application();
  await originate(system, [], { customer: { ...customer, name: evil } });
  const { email } = await buy({ firstname: evil, lastname: '\u2028Subject: evil' });
  for (const address of [customer.email, email]) {
    await untilTaken(address);
    const [mail] = server.to(address);
    expect(mail).toMatchObject({ to: [address], headers: { To: address } });
    expect(JSON.stringify(mail)).not.toMatch(/blocked|evil|eve@|Bcc/i);
  }
});

test('a mail waits for a mail server that is down, and is sent once', async () => {
  await server.goAway();
  const { id, email } = await buy();
  await untilMail(id, {
    done: false,
    parked: false,
    attempts: 0,
    error: 'send-mail of order.completed failed; the log of the relay says more',
  });
  expect((await system.untilEnded(id)).state).toBe('completed');
  await server.comeBack();
  await untilMail(id, { done: true, attempts: 1 });
  expect(server.to(email)).toHaveLength(1);
});

test('a mail whose acceptance got lost is sent again under the same Message-ID', async () => {
  server.loseReplies(1);
  const { id, email } = await buy();
  await untilMail(id, { done: true });
  const [first, second, ...others] = server.to(email);
  expect(first?.headers['Message-ID']).toContain(id);
  expect(second).toEqual(first);
  expect(others).toEqual([]);
});

test('a permanently refused mail is parked with an alert, delays no other, and is sent when released', async () => {
  await system.rest('relay');
  const relay = relayOf(system);
  const { id, email } = await buy({ amount: 1 });
  server.refused.add(email);
  await untilMail(id, { parked: true, attempts: 3 });
  const error = 'send-mail of order.completed failed; the log of the relay says more';
  await expect
    .poll(() => alerts.filter(({ saga_id }) => saga_id === id), patience)
    .toMatchObject([{ type: 'purchase', step: null, op: null, error, link: expect.stringContaining(id) }]);

  const other = await buy();
  await untilTaken(other.email);
  expect(await reactionsTo(id)).toMatchObject([
    { name: 'count-daily', done: true },
    { name: 'send-mail', done: false, error },
  ]);

  server.refused.delete(email);
  const [, mail] = await reactionsTo(id);
  const { code, stdout } = await runEvents(
    ['--release', `reaction/${mail?.['id']}`],
    databaseVariables(system.databases),
  );
  expect([code, stdout]).toEqual([0, `reaction/${mail?.['id']} is released.\n`]);
  await untilTaken(email);
  await untilMail(id, { done: true, parked: false, attempts: 5, error: null });
  expect(alerts.filter(({ saga_id }) => saga_id === id)).toHaveLength(1);
  await relay.stop();
  await system.work('relay');
});

test('the alert of a mail that is refused names the saga that it is about, whatever its type', async () => {
  await system.rest('relay');
  const relay = relayOf(system);
  const { customer, ...terms } = application();
  server.refused.add(customer.email);
  const id = await originate(system, [], { customer, ...terms });
  await expect
    .poll(() => alerts.filter(({ saga_id }) => saga_id === id), patience)
    .toMatchObject([{ type: 'mortgage-origination', step: null, op: null }]);
  await relay.stop();
  await system.work('relay');
});

test('a mail is not parked until an alert can be raised', async () => {
  await system.rest('relay');
  const policy = { attempts: 1, backoff: 10, backoffCap: 20 };
  const connection = await Connection.connect({ address: system.temporal.address });
  await connection.close();
  const nobody = { client: new Client({ connection }) };
  const deaf = relayOf({ config: system.config, temporal: nobody }, policy);
  const { id, email } = await buy({ amount: 1 });
  server.refused.add(email);
  const error = 'send-mail of order.completed failed; the log of the relay says more';
  await untilMail(id, { parked: false, error });
  await deaf.stop();
  const relay = relayOf(system, policy);
  await untilMail(id, { parked: true, attempts: 1, error });
  await expect.poll(() => alerts.filter(({ saga_id }) => saga_id === id), patience).toHaveLength(1);
  await relay.stop();
  await system.work('relay');
});
