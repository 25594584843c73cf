import { randomUUID } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { doStep, refuseStep, undoStep } from '../../src/guard/guard.ts';
import { createNotifier } from '../../src/guard/notify.ts';
import { outboxChannel } from '../../src/guard/outbox.ts';
import { createPayment } from '../../src/services/payment/create-payment.ts';
import { appendEvent, type SagaEvent, type Standing } from '../../src/services/registry/append-event.ts';
import { reactionChannel, sagaChannel, startChannel } from '../../src/services/registry/channels.ts';
import { markStarted } from '../../src/services/registry/claim-saga.ts';
import { markFailing } from '../../src/services/registry/mark-failing.ts';
import { freshDatabase } from '../support/databases.ts';

interface Opened {
  database: Database;
  sql: Sql;
}

let payment: Opened;
let registry: Opened;
beforeAll(async () => {
  const [ofPayment, ofRegistry] = await Promise.all([freshDatabase('payment'), freshDatabase('unwind')]);
  payment = { database: openDatabase(ofPayment), sql: postgres(ofPayment) };
  registry = { database: openDatabase(ofRegistry), sql: postgres(ofRegistry) };
});
afterAll(async () => {
  for (const { database, sql } of [payment, registry]) {
    await database.end();
    await sql.end();
  }
});

/** The topics of which a listener is notified by `act`. */
async function heard({ database, sql }: Opened, channel: string, act: () => Promise<unknown>) {
  const topics: string[] = [];
  const { unlisten } = await sql.listen(channel, (topic) => topics.push(topic));
  await act();
  // What was sent before comes before.
  database.notify(channel, 'the end');
  await vi.waitFor(() => expect(topics.at(-1)).toBe('the end'), { timeout: 10_000 });
  await unlisten();
  return topics.slice(0, -1);
}

test('a step that was done, undone or refused wakes the relay, once', async () => {
  const callOf = (saga_id: string) => {
    const input = { payment_id: saga_id, amount: 12, currency_code: 'NT' };
    return { saga_id, step: 'create-payment', generation: 1, position: 1, input };
  };
  const [done, refused] = [callOf(randomUUID()), callOf(randomUUID())];
  const refusal = { payload: {}, cause: { seq: 1, attempt: 1, context: {} } };
  const { database } = payment;
  const told = (act: () => Promise<unknown>) => heard(payment, outboxChannel, act);
  expect(await told(() => doStep(database, createPayment, done))).toEqual(['']);
  expect(await told(() => undoStep(database, createPayment, done))).toEqual(['']);
  expect(await told(() => refuseStep(database, createPayment, refused, refusal))).toEqual(['']);
});

test('a saga that has started wakes the streams of its caller', async () => {
  const start = () => markStarted(registry.database, randomUUID(), 'ming');
  expect(await heard(registry, startChannel, start)).toEqual(['ming']);
});

test('an event that is kept wakes those who follow its saga, and the reactions to it', async () => {
  const { database, sql } = registry;
  const [saga] = await sql<{ id: string }[]>`
    insert into saga (id, type, mode, caller, body_hash)
    values (${randomUUID()}, 'purchase', 'choreographed', 'ming', 'h') returning id`;
  const sagaId = saga?.id ?? '';
  const event: SagaEvent = {
    ...{
      service: 'order',
      id: 1,
      sagaId,
      type: 'order.created',
      payload: {},
      step: 'create-order',
      op: 'do',
    },
    ...{ seq: 1, context: {}, attempt: 1, at: new Date() },
  };
  const standing: Standing = { seq: 1, state: 'running', step: 'create-payment', endedAt: null };
  const keep = () => appendEvent(database, event, { standing, reactions: ['count-daily'] });
  expect(await heard(registry, sagaChannel, keep)).toEqual([sagaId]);
  expect(await heard(registry, reactionChannel, keep)).toEqual(['']);
  const park = () => markFailing(database, { sagaId, seq: 1, attempt: 20, error: 'no', parked: true });
  expect(await heard(registry, sagaChannel, park)).toEqual([sagaId]);
});

test('a hundred notifications at once are two statements', async () => {
  const { sql } = payment;
  const sent: string[][] = [];
  const notify = createNotifier(async (text, parameters) => {
    sent.push(parameters);
    await sql.unsafe(text, parameters);
  });
  for (let n = 0; n < 100; n++) notify(outboxChannel);
  await expect.poll(() => sent.length).toBe(2);
  notify(outboxChannel, 'later');
  await expect.poll(() => sent.at(-1)?.[0]).toContain('later');
  expect(sent).toHaveLength(3);
});
