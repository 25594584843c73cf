import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../../src/config.ts';
import { registerCustomer } from '../../src/services/customer/steps.ts';
import { addMonths } from '../../src/services/loan/months.ts';
import { assessApplication, submitApplication } from '../../src/services/mortgage/steps.ts';
import { type SagaView, type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

let people = 0;
const applicant = () => ({ name: 'Ada Lovelace', email: `ada-${people++}@example.com` });
const terms = { loan_amount: 500_000, property_value: 750_000, interest_rate: 3.25, term_years: 30 };
const income = { annual_income: 120_000 };
const originate = (input: object) =>
  system.start('mortgage-origination', { customer: applicant(), ...terms, ...input });

/** What the saga has left in the three databases. */
async function rows(id: string) {
  const { customer, mortgage, loan } = system.sql;
  return {
    customers: await customer`select name from customer where saga_id = ${id}`.then((found) => found.length),
    claims: await customer`select 1 from customer_claim where claimed_by = ${id}`.then(
      (found) => found.length,
    ),
    applications: await mortgage`select status, held_by from application where saga_id = ${id}`.then(
      (found) => [...found],
    ),
    loans: await loan`select status, held_by, monthly_payment from loan where saga_id = ${id}`.then(
      (found) => [...found],
    ),
    ledger: await loan`select account, amount from ledger_entry where saga_id = ${id} order by leg`.then(
      (found) => [...found],
    ),
  };
}

const nothing = { customers: 0, claims: 0, loans: [], ledger: [] };
const withdrawn = [{ status: 'withdrawn', held_by: null }];

test('an application within all limits becomes a loan that is paid out', async () => {
  const before = Date.now();
  const id = await originate(income);
  const saga = await system.untilEnded(id);

  expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
  expect(saga.result).toMatchObject({ outcome: 'granted', monthly_payment: 2176.03 });
  expect(stepsOf(saga)).toEqual([
    'do register-customer done',
    'do submit-application done',
    'do assess-application done',
    'do approve-application done',
    'do book-loan done',
    'do disburse-funds done',
    'do activate-loan done',
    'do release-application done',
  ]);
  expect(await rows(id)).toEqual({
    customers: 1,
    claims: 1,
    applications: [{ status: 'approved', held_by: null }],
    loans: [{ status: 'active', held_by: null, monthly_payment: '217603' }],
    ledger: [
      { account: 'receivable', amount: '50000000' },
      { account: 'cash', amount: '-50000000' },
    ],
  });

  const loan = await system.call(
    'GET',
    `/loans/${z.object({ loan_id: z.string() }).parse(saga.result).loan_id}`,
  );
  const start = new Date(loan.body.start_date);
  const due = (months: number) => addMonths(start, months).toISOString();
  expect(start.getTime()).toBeGreaterThanOrEqual(before);
  expect(start.getTime()).toBeLessThanOrEqual(Date.now());
  expect(loan.body.maturity_date).toBe(due(360));
  const { body: schedule } = await system.call('GET', `/loans/${loan.body.id}/schedule`);
  expect([schedule.length, schedule[0].due_date, schedule.at(-1).due_date]).toEqual([360, due(1), due(360)]);
});

test('a loan above the lending limit is refused at booking, and everything is undone in reverse order', async () => {
  const id = await originate({
    loan_amount: 2_000_000.01,
    property_value: 4_000_000,
    annual_income: 1_000_000,
  });
  const saga = await system.untilEnded(id);

  expect(saga.state).toBe('compensated');
  expect(stepsOf(saga).slice(4)).toEqual([
    'do book-loan refused',
    'undo book-loan nothing-to-undo',
    'undo approve-application done',
    'undo submit-application done',
    'undo register-customer done',
  ]);
  expect(saga.errors.execution).toMatchObject([
    { step: 'book-loan', op: 'do', type: 'refused', attempts: 1 },
  ]);
  expect(saga.errors.execution[0]?.message).toContain('lending limit of 2000000.00');
  expect(saga.errors.compensation).toEqual([]);
  expect(await rows(id)).toEqual({ ...nothing, applications: withdrawn });
});

/** Of two sagas that together exceed the lending limit. */
async function expectOneGranted(sagas: SagaView[], amount: number) {
  const [refused, granted, ...others] = sagas.toSorted((a, b) => a.state.localeCompare(b.state));
  expect([refused?.state, granted?.state, others]).toEqual(['compensated', 'completed', []]);
  expect(await rows(refused?.saga_id ?? '')).toMatchObject({
    loans: [],
    ledger: [],
    applications: withdrawn,
  });
  expect(await rows(granted?.saga_id ?? '')).toMatchObject({
    loans: [{ status: 'active' }],
    ledger: [{ amount: `${amount * 100}` }, { amount: `${-amount * 100}` }],
  });
  return granted;
}

test('debts of earlier loans count towards the lending limit, also of two sagas at once', async () => {
  const customer = applicant();
  const big = { customer, loan_amount: 1_200_000, property_value: 4_000_000, annual_income: 1_000_000 };
  const ids = await Promise.all([originate(big), originate(big)]);
  const sagas = await Promise.all(ids.map((id) => system.untilEnded(id)));
  await expectOneGranted(sagas, 1_200_000);
});

test('the lending limit also holds for a customer whose id is written in capitals', async () => {
  const { result } = await system.untilEnded(await originate(income));
  const { customer_id } = z.object({ customer_id: z.string() }).parse(result);
  const big = {
    loan_amount: 900_000,
    property_value: 4_000_000,
    annual_income: 1_000_000,
    customer: undefined,
  };
  const ids = await Promise.all([
    originate({ ...big, customer_id }),
    originate({ ...big, customer_id: customer_id.toUpperCase() }),
  ]);
  const sagas = await Promise.all(ids.map((id) => system.untilEnded(id)));
  const granted = await expectOneGranted(sagas, 900_000);
  expect(granted?.result).toMatchObject({ customer_id });
});

test('LENDING_LIMIT sets the limit', async () => {
  await system.rest('loan');
  const { lendingLimit } = system.config;
  system.config.lendingLimit = loadConfig({ LENDING_LIMIT: '499999.99' }).lendingLimit;
  await system.work('loan');
  const saga = await system.untilEnded(await originate(income));
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution[0]?.message).toContain('lending limit of 499999.99');
  await system.rest('loan');
  system.config.lendingLimit = lendingLimit;
  await system.work('loan');
});

test('a loan above 95 % of the property value is declined, which completes the saga and keeps the customer', async () => {
  const id = await originate({ ...income, property_value: 500_000 });
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('completed');
  expect(saga.result).toMatchObject({
    outcome: 'declined',
    loan_id: null,
    reasons: [expect.stringContaining('95 %')],
  });
  expect(await rows(id)).toEqual({
    ...nothing,
    customers: 1,
    claims: 1,
    applications: [{ status: 'rejected', held_by: null }],
  });
});

test('without an income the saga waits for the underwriter, whose yes grants the loan', async () => {
  const id = await originate({});
  await system.untilState(id, 'waiting');
  await system
    .handle('mortgage-origination', id)
    .signal('decide', { approved: true, by: 'uma', reason: 'known to us' });
  const saga = await system.untilEnded(id);
  expect(saga.result).toMatchObject({
    outcome: 'granted',
    reasons: ['no income is given', 'uma: known to us'],
  });
  expect(saga.timeline).toContainEqual(
    expect.objectContaining({ event: 'decision', approved: true, by: 'uma' }),
  );
});

test('a decision has 14 days unless the input says otherwise', async () => {
  const id = await originate({});
  await system.untilState(id, 'waiting');
  const { events } = await system.handle('mortgage-origination', id).fetchHistory();
  const timers = events?.flatMap(({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout ?? []);
  expect(timers?.map(({ seconds }) => Math.round(Number(seconds) / 60))).toEqual([14 * 24 * 60]);
});

test("Temporal's Web UI says what the saga waits for, and names each step and compensation in words", async () => {
  const id = await originate({});
  await system.untilState(id, 'waiting');
  const handle = system.handle('mortgage-origination', id);
  expect(await (await handle.describe()).staticSummary()).toBe('Saga: mortgage-origination');
  expect(await handle.query('__temporal_workflow_metadata')).toMatchObject({
    currentDetails: [
      '**waiting** at `assess-application`',
      'waits for the signal `decide`',
      'to undo, in this order: `submit-application`, `register-customer`',
    ].join('  \n'),
  });

  await handle.cancel();
  await system.untilEnded(id);
  const { events } = await handle.fetchHistory();
  const scheduled = events?.filter((event) => event.activityTaskScheduledEventAttributes);
  const summaries = scheduled?.map(
    ({ userMetadata: told }) => told?.summary && defaultPayloadConverter.fromPayload(told.summary),
  );
  expect(summaries).toEqual([
    ...[registerCustomer, submitApplication, assessApplication].map(({ summary }) => summary),
    ...[submitApplication, registerCustomer].map(({ compensation }) => `Undo: ${compensation}`),
  ]);
});

test("the underwriter's no declines the application", async () => {
  const id = await originate({});
  await system.untilState(id, 'waiting');
  await system
    .handle('mortgage-origination', id)
    .signal('decide', { approved: false, by: 'uma', reason: 'too risky' });
  expect((await system.untilEnded(id)).result).toMatchObject({ outcome: 'declined' });
  expect((await rows(id)).applications).toEqual([{ status: 'rejected', held_by: null }]);
});

test('a decision that does not come in time unwinds the saga', async () => {
  const id = await originate({ decision_timeout: 'PT0.3S' });
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([
    { step: null, op: null, type: 'timed-out', message: 'no decision within PT0.3S' },
  ]);
  expect(await rows(id)).toEqual({ ...nothing, applications: withdrawn });
});

test('early, malformed, unknown and late signals change nothing and stand on the timeline', async () => {
  await system.rest('customer');
  const id = await originate({});
  const handle = system.handle('mortgage-origination', id);
  await handle.signal('decide', { approved: false, by: 'udo', reason: 'early' });
  const signals = async () =>
    (await system.get(id)).timeline.filter((entry) => 'event' in entry && entry.event === 'ignored-signal');
  await expect.poll(signals).toHaveLength(1);
  await system.work('customer');
  await system.untilState(id, 'waiting');
  await handle.signal('decide', 'yes');
  await handle.signal('decide', { approved: 'yes', by: 'uma', reason: 'r' });
  await handle.signal('decide');
  await handle.signal('approve', {});
  await handle.signal('decide', { approved: true, by: 'uma', reason: 'fine' });
  await handle.signal('decide', { approved: false, by: 'udo', reason: 'late' });
  const saga = await system.untilEnded(id);
  expect(saga).toMatchObject({ state: 'completed', result: { outcome: 'granted' } });
  expect(await signals()).toMatchObject([
    { signal: 'decide', why: 'not-waiting' },
    { signal: 'decide', why: 'malformed' },
    { signal: 'decide', why: 'malformed' },
    { signal: 'decide', why: 'malformed' },
    { signal: 'approve', why: 'unknown' },
    { signal: 'decide', why: 'already-decided' },
  ]);
});

test('a cancel while the saga waits unwinds it to nothing', async () => {
  const id = await originate({});
  await system.untilState(id, 'waiting');
  await system.handle('mortgage-origination', id).cancel();
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('cancelled');
  expect(saga.errors.execution).toMatchObject([{ step: null, type: 'cancelled' }]);
  expect(saga.timeline).toContainEqual(expect.objectContaining({ event: 'cancel-requested' }));
  expect(await rows(id)).toEqual({ ...nothing, applications: withdrawn });
});

test('a deadline that passes while the saga waits unwinds it', async () => {
  const id = await originate({ deadline: 'PT8S' });
  await system.untilState(id, 'waiting');
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([{ step: null, type: 'deadline' }]);
  expect(await rows(id)).toEqual({ ...nothing, applications: withdrawn });
});

test('an existing customer is claimed, and stays when the saga unwinds', async () => {
  const customer = applicant();
  const first = await system.untilEnded(await originate({ customer, ...income }));
  const { customer_id } = z.object({ customer_id: z.string() }).parse(first.result);

  const again = await originate({
    customer: { ...customer, email: customer.email.toUpperCase() },
    decision_timeout: 'PT0.1S',
  });
  const byId = await originate({ customer: undefined, customer_id, decision_timeout: 'PT0.1S' });
  for (const id of [again, byId]) {
    expect((await system.untilEnded(id)).state).toBe('compensated');
    expect(await rows(id)).toMatchObject({ customers: 0, claims: 0 });
  }
  expect(await system.sql.customer`select email from customer where id = ${customer_id}`).toEqual([
    { email: customer.email },
  ]);
});

test('a customer whom another saga has claimed meanwhile is not deregistered', async () => {
  const customer = applicant();
  const first = await originate({ customer });
  await system.untilState(first, 'waiting');
  const second = await originate({ customer, ...income });
  await system.untilEnded(second);
  await system.handle('mortgage-origination', first).cancel();
  await system.untilEnded(first);
  expect(await rows(first)).toMatchObject({ customers: 1, claims: 0 });
  expect(await rows(second)).toMatchObject({ claims: 1 });
});

test('a customer whom two sagas wanted is gone when both are undone, in whatever order', async () => {
  const customer = applicant();
  const first = await originate({ customer });
  await system.untilState(first, 'waiting');
  const second = await originate({ customer });
  await system.untilState(second, 'waiting');
  for (const id of [first, second]) {
    await system.handle('mortgage-origination', id).cancel();
    await system.untilEnded(id);
  }
  expect(await system.sql.customer`select 1 from customer where email = ${customer.email}`).toEqual([]);
});

test('an unknown customer id is refused', async () => {
  const id = await originate({ customer: undefined, customer_id: '00000000-0000-4000-8000-000000000000' });
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([{ step: 'claim-customer', type: 'refused' }]);
});
