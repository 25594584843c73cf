import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { auditOf } from '../audit/support.ts';
import { byOlga, untilUnwinder, unwinderOf } from '../support/left-behind.ts';
import { created, lent, type Send, sender } from '../support/resources.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
let send: Send;
beforeAll(async () => {
  system = await startSystem({ workflows: 'quick' });
  send = sender(system.app.request);
});
afterAll(() => system.end());

const get = async (path: string) => (await send('GET', path)).body;

/** A payment that has left 900 of a debt of 1,000, and whose saga was terminated. */
async function leftBehind() {
  const terms = lent();
  const loan = await created(send, '/loans', { ...terms, outstanding_balance: 1_000 });
  const hang = { step: 'allocate-payment', op: 'do', at: 'after_commit', do: 'hang' } as const;
  system.config.failpoints.push({ ...hang, times: 1 });
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const pay = () => send('POST', '/payments', { loan_id: loan.id, payment_amount: 102.71 }, headers);
  const paying = pay();
  const path = `/loans/${loan.id}`;
  const owed = async () => (await get(path)).outstanding_balance;
  await expect.poll(owed, { interval: 20, timeout: 20_000 }).toBe(900);
  const [saga] = await system.sql.unwind`select id from saga where key = ${headers['idempotency-key']}`;
  const saga_id: string = saga?.['id'];
  await system.handle('loan-payment', saga_id).terminate('by hand');
  await untilUnwinder(system, saga_id);
  expect(await paying).toMatchObject({ status: 202, body: { saga_id } });
  system.config.failpoints.length = 0;
  return { terms, id: loan.id, path, saga_id, pay };
}

/** Gives the payment up, and resolves what parks, as the error says. */
async function settle(saga_id: string, advice: string) {
  await unwinderOf(system, saga_id).signal('compensate', byOlga);
  const stuck = async () =>
    (await system.get(saga_id)).errors.compensation.map(({ step, message }) => `${step}: ${message}`);
  await expect
    .poll(stuck, { timeout: 20_000 })
    .toEqual([
      `allocate-payment: ${advice} resolve allocate-payment and capture-payment`,
      'capture-payment: the payment is allocated: it cannot be refunded',
    ]);
  const undone = async () => stepsOf(await system.get(saga_id)).slice(-2);
  await expect
    .poll(undone, { timeout: 20_000 })
    .toEqual(['undo allocate-payment parked', 'undo capture-payment parked']);
  for (const step of ['allocate-payment', 'capture-payment'])
    expect((await system.command(saga_id, 'resolve', { step, reason: 'file 17' })).status).toBe(200);
  expect((await system.untilEnded(saga_id)).state).toBe('failed');
}

async function findings() {
  const auditing = auditOf(system);
  onTestFinished(async () => void (await auditing.end()));
  return auditing.findings();
}

const kept = { payment_amount: 102.71, principal_amount: 100, interest_amount: 2.71 };

test('a payment that is given up after another one has paid off the rest of the loan counts, and is not paid back', async () => {
  const { id, path, saga_id, pay } = await leftBehind();
  const rest = { payment_amount: 902.44, principal_amount: 900, interest_amount: 2.44 };
  expect(await send('POST', '/payments', { loan_id: id, payment_amount: 902.44 })).toMatchObject({
    status: 201,
    body: rest,
  });
  const paidOff = { outstanding_balance: 0, status: 'paid_off' };
  expect(await get(path)).toMatchObject(paidOff);

  await settle(
    saga_id,
    'the loan is paid_off meanwhile, so the payment stays allocated: pay nothing back, since the loan was paid off with it, and',
  );
  expect(await get(path)).toMatchObject(paidOff);
  const payments = await get(`${path}/payments`);
  expect(payments).toMatchObject([rest, kept]);
  expect(await get(`/payments/${payments[1].id}`)).toEqual(payments[1]);
  expect(await pay()).toMatchObject({ status: 201, body: payments[1] });
  const posted = system.sql.loan`
    select account, sum(amount)::int as cents from ledger_entry where loan_id = ${id} group by 1 order by 1`;
  expect(await posted).toEqual([
    { account: 'cash', cents: 100_515 },
    { account: 'interest', cents: -515 },
    { account: 'opening', cents: -100_000 },
    { account: 'receivable', cents: 0 },
    { account: 'unapplied', cents: 0 },
  ]);
  expect(await findings()).toEqual([]);
});

test('a payment that is given up after its loan was cancelled is paid back by hand', async () => {
  const { terms, path, saga_id, pay } = await leftBehind();
  const cancelled = { outstanding_balance: 0, status: 'cancelled' };
  expect(await send('PUT', path, { ...terms, ...cancelled })).toMatchObject({ status: 200, body: cancelled });

  await settle(
    saga_id,
    'the loan is cancelled meanwhile, so the payment stays allocated: pay the money back by hand, then',
  );
  expect(await pay()).toMatchObject({ status: 201, body: kept });
  expect(await findings()).toEqual([]);
});
