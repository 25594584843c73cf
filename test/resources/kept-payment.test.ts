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

test('a payment that is given up after another one has paid the loan off stays, and is settled by hand', async () => {
  const loan = await created(send, '/loans', { ...lent(), outstanding_balance: 1_000 });
  const hang = { step: 'allocate-payment', op: 'do', at: 'after_commit', do: 'hang' } as const;
  system.config.failpoints.push({ ...hang, times: 1 });
  const payment = { loan_id: loan.id, payment_amount: 102.71 };
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const pay = () => send('POST', '/payments', payment, headers);
  const paying = pay();
  const owed = async () => (await get(`/loans/${loan.id}`)).outstanding_balance;
  await expect.poll(owed, { interval: 20, timeout: 20_000 }).toBe(900);
  const [saga] = await system.sql.unwind`select id from saga where key = ${headers['idempotency-key']}`;
  const saga_id: string = saga?.['id'];
  await system.handle('loan-payment', saga_id).terminate('by hand');
  await untilUnwinder(system, saga_id);
  expect(await paying).toMatchObject({ status: 202, body: { saga_id } });
  system.config.failpoints.length = 0;
  const rest = { loan_id: loan.id, payment_amount: 902.44 };
  expect((await send('POST', '/payments', rest)).status).toBe(201);
  expect(await get(`/loans/${loan.id}`)).toMatchObject({ outstanding_balance: 0, status: 'paid_off' });

  await unwinderOf(system, saga_id).signal('compensate', byOlga);
  const stuck = async () =>
    (await system.get(saga_id)).errors.compensation.map(({ step, message }) => `${step}: ${message}`);
  await expect
    .poll(stuck, { timeout: 20_000 })
    .toEqual([
      'allocate-payment: the loan is paid_off meanwhile, so the payment stays allocated: pay the money back by hand, then resolve allocate-payment and capture-payment',
      'capture-payment: the payment is allocated: it cannot be refunded',
    ]);
  const undone = async () => stepsOf(await system.get(saga_id)).slice(-2);
  await expect
    .poll(undone, { timeout: 20_000 })
    .toEqual(['undo allocate-payment parked', 'undo capture-payment parked']);
  for (const step of ['allocate-payment', 'capture-payment']) {
    const order = { step, reason: 'paid back by cheque' };
    expect((await system.command(saga_id, 'resolve', order)).status).toBe(200);
  }
  expect((await system.untilEnded(saga_id)).state).toBe('failed');
  expect(await get(`/loans/${loan.id}`)).toMatchObject({ outstanding_balance: 0, status: 'paid_off' });
  const payments = await get(`/loans/${loan.id}/payments`);
  expect(payments.length).toBe(2);
  const kept = payments.find(({ payment_amount }: typeof payment) => payment_amount === 102.71);
  expect(await pay()).toMatchObject({ status: 201, body: kept });
  const auditing = auditOf(system);
  onTestFinished(async () => void (await auditing.end()));
  expect(await auditing.findings()).toEqual([]);
});
