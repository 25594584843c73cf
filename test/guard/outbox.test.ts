import { randomUUID } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { doStep, refuseStep, undoStep } from '../../src/guard/guard.ts';
import type { Step } from '../../src/guard/implement.ts';
import type { StepCall } from '../../src/saga/step.ts';
import { createPayment } from '../../src/services/payment/create-payment.ts';
import { freshDatabase } from '../support/databases.ts';

let database: Database;
let sql: Sql;
beforeAll(async () => {
  const payment = await freshDatabase('payment');
  database = openDatabase(payment);
  sql = postgres(payment, { max: 1 });
});
afterAll(async () => {
  await database.end();
  await sql.end();
});

const step: Step = createPayment;
const cause = { seq: 1, attempt: 2, context: { total: 12 } };
const refusal = { payload: { reason: 'insufficient funds' }, cause };
let call: StepCall;
beforeEach(() => {
  const saga_id = randomUUID();
  const input = { payment_id: saga_id, amount: 12, currency_code: 'NT' };
  call = { saga_id, step: 'create-payment', generation: 1, position: 1, input };
});

const events = () =>
  sql`select event_type, op, seq, attempt, payload, context, sent_at from saga_outbox
      where saga_id = ${call.saga_id} order by id`;
const types = async () => (await events()).map((row) => row['event_type']);
const payments = async () =>
  (await sql`select status from payment where id = ${call.saga_id}`).map((row) => row['status']);

test('a step and its undo publish one event each, however often they are delivered', async () => {
  for (let times = 0; times < 3; times++) await doStep(database, step, call, cause);
  for (let times = 0; times < 3; times++) await undoStep(database, step, call, { ...cause, seq: 4 });
  expect(await events()).toEqual([
    {
      event_type: 'payment.processed',
      op: 'do',
      seq: 2,
      attempt: 2,
      payload: call.input,
      context: cause.context,
      sent_at: null,
    },
    {
      event_type: 'payment.refunded',
      op: 'undo',
      seq: 5,
      attempt: 2,
      payload: { payment_id: call.saga_id },
      context: cause.context,
      sent_at: null,
    },
  ]);
});

test('a step that a workflow runs publishes too, without a place in a choreography', async () => {
  await doStep(database, step, call);
  expect(await events()).toMatchObject([{ event_type: 'payment.processed', seq: null, context: null }]);
});

test('an undo that finds nothing publishes nothing', async () => {
  await undoStep(database, step, call, cause);
  expect(await types()).toEqual([]);
});

test('a refused step publishes nothing, nor does its rollback', async () => {
  const dear = { ...call, input: { ...Object(call.input), amount: 10_001 } };
  await expect(doStep(database, step, dear, cause)).rejects.toThrow('insufficient funds');
  expect([await types(), await payments()]).toEqual([[], []]);
});

test('a refusal is published once, and fences the step', async () => {
  await refuseStep(database, step, call, refusal);
  await refuseStep(database, step, call, refusal);
  await expect(doStep(database, step, call, cause)).rejects.toThrow('was undone before it came');
  expect(await events()).toMatchObject([
    { event_type: 'payment.failed', op: 'do', seq: 2, payload: refusal.payload },
  ]);
  expect(await payments()).toEqual([]);
});

test('a refusal after the step was done publishes nothing', async () => {
  await doStep(database, step, call, cause);
  await refuseStep(database, step, call, refusal);
  expect([await types(), await payments()]).toEqual([['payment.processed'], ['paid']]);
});

test('of a concurrent do and refusal one wins, and only it publishes', async () => {
  for (let round = 0; round < 10; round++) {
    const saga_id = randomUUID();
    call = { ...call, saga_id, input: { ...Object(call.input), payment_id: saga_id } };
    const attempts = Array.from({ length: 8 }, (_, index) =>
      index % 2 === round % 2
        ? doStep(database, step, call, cause).catch(() => {})
        : refuseStep(database, step, call, refusal),
    );
    await Promise.all(attempts);
    const paid = await payments();
    expect(await types()).toEqual(paid.length === 1 ? ['payment.processed'] : ['payment.failed']);
  }
});

test('a step whose event cannot be written is rolled back', async () => {
  await sql`
    create function mute() returns trigger language plpgsql as $$ begin raise exception 'mute'; end $$`;
  await sql`create trigger mute before insert on saga_outbox execute function mute()`;
  try {
    await expect(doStep(database, step, call, cause)).rejects.toThrow();
    expect(await payments()).toEqual([]);
    expect(await sql`select 1 from saga_step where saga_id = ${call.saga_id}`).toEqual([]);
  } finally {
    await sql`drop trigger mute on saga_outbox`;
  }
  await doStep(database, step, call, cause);
  expect([await types(), await payments()]).toEqual([['payment.processed'], ['paid']]);
});
