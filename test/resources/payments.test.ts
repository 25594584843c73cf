import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failpoint } from '../../src/guard/failpoints.ts';
import { deleteRun } from '../support/delete-runs.ts';
import { lockWaits } from '../support/lock-waits.ts';
import { heal, originate } from '../support/originations.ts';
import { deletesAtOnce } from '../support/server-settings.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ serverArgs: deletesAtOnce });
});
afterAll(() => system.end());

const anybody = crypto.randomUUID();

async function lend(more: object = {}) {
  const mortgage = await system.call('POST', '/applications', {
    customer_id: anybody,
    loan_amount: 500_000,
    property_value: 750_000,
    interest_rate: 3.25,
    term_years: 30,
    status: 'approved',
  });
  const { status, body } = await system.call('POST', '/loans', {
    customer_id: anybody,
    mortgage_id: mortgage.body.id,
    loan_amount: 500_000,
    interest_rate: 3.25,
    term_years: 30,
    ...more,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

const pay = (loan: { id: string }, payment_amount: number, more: object = {}, headers = {}) =>
  system.call('POST', '/payments', { loan_id: loan.id, payment_amount, ...more }, headers);
const get = async (path: string) => (await system.call('GET', path)).body;
/** As after the retention. */
async function deleteWorkflow(workflowId: string) {
  const { client } = system.temporal;
  await deleteRun(client, { workflowId });
  const isKnown = () =>
    client.workflow
      .getHandle(workflowId)
      .describe()
      .then(Boolean, () => false);
  await expect.poll(isKnown, { timeout: 20_000 }).toBe(false);
}
const ledger = async (loan: { id: string }) => {
  const rows = await system.sql.loan`
    select account, sum(amount)::int as cents from ledger_entry where loan_id = ${loan.id}
    group by account having sum(amount) <> 0`;
  return Object.fromEntries(rows.map((row) => [row['account'], row['cents']]));
};

/** Starts the payment of the last 1,000, with a fault after its allocation. Resolves when it is allocated. */
async function payOff(loan: { id: string }, fault: Omit<Failpoint, 'saga'>): Promise<string> {
  const saga_id = crypto.randomUUID();
  system.config.failpoints.push({ ...fault, saga: saga_id });
  const start = { saga_id, type: 'loan-payment', loan_id: loan.id, payment_amount: 1_002.71 };
  expect((await system.call('POST', '/start', start)).status).toBe(202);
  const owed = async () => (await get(`/loans/${loan.id}`)).outstanding_balance;
  await expect.poll(owed, { interval: 20, timeout: 20_000 }).toBe(0);
  return saga_id;
}

describe('a payment', () => {
  test("pays a month's interest first, and lowers the balance by the rest", async () => {
    const loan = await lend();
    const { status, body, headers } = await pay(loan, 2_176);
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body).toMatchObject({
      loan_id: loan.id,
      customer_id: anybody,
      payment_amount: 2_176,
      principal_amount: 821.83,
      interest_amount: 1_354.17,
      payment_type: 'regular',
    });
    expect(headers.get('location')).toBe(`/payments/${body.id}`);
    expect(await get(`/payments/${body.id}`)).toEqual(body);
    expect(await get(`/loans/${loan.id}/payments`)).toEqual([body]);
    expect((await get(`/loans/${loan.id}`)).outstanding_balance).toBe(499_178.17);
    expect(await ledger(loan)).toEqual({
      receivable: 49_917_817,
      opening: -50_000_000,
      cash: 217_600,
      interest: -135_417,
    });
  });

  test('of less than the interest pays interest alone, and an extra one is allocated like any other', async () => {
    const loan = await lend();
    expect((await pay(loan, 1_000)).body).toMatchObject({ principal_amount: 0, interest_amount: 1_000 });
    const extra = await pay(loan, 10_000, { payment_type: 'extra' });
    expect(extra.body).toMatchObject({ principal_amount: 8_645.83, interest_amount: 1_354.17 });
    expect((await get(`/loans/${loan.id}`)).outstanding_balance).toBe(491_354.17);
    const types = (await get(`/loans/${loan.id}/payments`)).map(
      (row: { payment_type: string }) => row.payment_type,
    );
    expect(types).toEqual(['extra', 'regular']);
  });

  test('is listed by its date, the latest first', async () => {
    const loan = await lend({ customer_id: crypto.randomUUID() });
    const dates = ['2025-02-01T00:00:00.000Z', '2025-03-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'];
    for (const payment_date of dates) expect((await pay(loan, 2_000, { payment_date })).status).toBe(201);
    const datesIn = async (path: string) =>
      (await get(path)).map((row: { payment_date: string }) => row.payment_date);
    const latestFirst = dates.toSorted().reverse();
    expect(await datesIn(`/loans/${loan.id}/payments`)).toEqual(latestFirst);
    expect(await datesIn(`/customers/${loan.customer_id}/payments`)).toEqual(latestFirst);
  });

  test('is split as given, if that adds up', async () => {
    const loan = await lend();
    const split = { principal_amount: 821.67, interest_amount: 1_354.33 };
    expect((await pay(loan, 2_176, split)).body).toMatchObject(split);
    const extra = { payment_type: 'extra', principal_amount: 5_000 };
    expect((await pay(loan, 5_000, extra)).body).toMatchObject({
      principal_amount: 5_000,
      interest_amount: 0,
    });
    const wrong = await pay(loan, 2_176, { principal_amount: 821.67, interest_amount: 1_354.32 });
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/principal_amount' }] } });
    expect((await pay(loan, 10, { interest_amount: 11 })).status).toBe(422);
    expect((await get(`/loans/${loan.id}/payments`)).length).toBe(2);
  });

  test('of more than is owed is refused with the payoff amount, and nothing is kept of it', async () => {
    const loan = await lend({ outstanding_balance: 1_000 });
    const { status, body } = await pay(loan, 1_002.72);
    expect({ status, ...body }).toMatchObject({
      status: 422,
      detail: 'payment_amount: more than is owed: the payoff amount is 1002.71',
      payoff_amount: 1_002.71,
      errors: [{ pointer: '/payment_amount' }],
    });
    expect((await get(body.saga)).state).toBe('compensated');
    expect(await get(`/loans/${loan.id}/payments`)).toEqual([]);
    expect(await ledger(loan)).toEqual({ receivable: 100_000, opening: -100_000 });
  });

  test('may not take more than is owed by a split of its own, nor anything where nothing is owed', async () => {
    const loan = await lend({ outstanding_balance: 1_000 });
    const greedy = await pay(loan, 10_000, { interest_amount: 9_500 });
    expect(greedy).toMatchObject({ status: 422, body: { payoff_amount: 1_002.71 } });
    const empty = await lend({ outstanding_balance: 0 });
    const late = await pay(empty, 5, { interest_amount: 5 });
    expect(late).toMatchObject({ status: 422, body: { payoff_amount: 0 } });
    expect(await ledger(empty)).toEqual({});
  });

  test('with a split that its amount does not allow is refused by its principal', async () => {
    const loan = await lend({ outstanding_balance: 1_000 });
    const refusal = async (payment_amount: number, more: object) => {
      const { status, body } = await pay(loan, payment_amount, { payment_type: 'payoff', ...more });
      expect([status, body.payoff_amount]).toEqual([422, 1_002.71]);
      return body.errors;
    };
    const detail = (side: string) =>
      `the principal is ${side} the balance of 1000.00: the payoff amount is 1002.71`;
    const above = [{ pointer: '/principal_amount', detail: detail('above') }];
    const below = [{ pointer: '/principal_amount', detail: detail('below') }];
    expect(await refusal(1_001, { principal_amount: 1_001, interest_amount: 0 })).toEqual(above);
    expect(await refusal(1_002.71, { interest_amount: 0 })).toEqual(above);
    expect(await refusal(1_002.71, { principal_amount: 990 })).toEqual(below);
    expect(await refusal(1_000, { principal_amount: 990 })).toEqual(below);
    expect(await refusal(1_002.71, { interest_amount: 10 })).toEqual(below);
    expect(await refusal(990, { principal_amount: 990 })).toMatchObject([{ pointer: '/payment_amount' }]);
    expect((await pay(loan, 1_002.71, { principal_amount: 1_000, payment_type: 'payoff' })).status).toBe(201);
  });

  test('on a loan that a client has just closed is still made', async () => {
    const loan = await lend({ outstanding_balance: 1_000 });
    const saga = await payOff(loan, { step: 'close-loan', op: 'do', at: 'before', do: 'error' });
    const closed = { ...(await get(`/loans/${loan.id}`)), status: 'paid_off' };
    await system.call('PUT', `/loans/${loan.id}`, closed);
    heal(system, saga);
    expect((await system.untilEnded(saga)).state).toBe('completed');
    expect((await get(`/loans/${loan.id}`)).status).toBe('paid_off');
  });

  test('on a loan whose balance was raised meanwhile is made, and closes nothing', async () => {
    const loan = await lend({ outstanding_balance: 1_000 });
    const before = { step: 'close-loan', op: 'do', at: 'before', do: 'error' } as const;
    const saga = await payOff(loan, before);
    const owing = { ...(await get(`/loans/${loan.id}`)), outstanding_balance: 50 };
    expect((await system.call('PUT', `/loans/${loan.id}`, owing)).status).toBe(200);
    heal(system, saga);
    const { state, timeline } = await system.untilEnded(saga);
    expect(state).toBe('completed');
    expect(stepsOf({ timeline }).at(-1)).toBe('do close-loan done');
    expect(await get(`/loans/${loan.id}`)).toMatchObject({ outstanding_balance: 50, status: 'active' });
    expect((await get(`/applications/${loan.mortgage_id}`)).status).toBe('approved');
    expect(await get(`/loans/${loan.id}/payments`)).toMatchObject([{ principal_amount: 1_000 }]);
  });

  test('that is cancelled after the balance of its loan was raised is refunded', async () => {
    const loan = await lend({ outstanding_balance: 1_000 });
    const saga = await payOff(loan, { step: 'close-loan', op: 'do', at: 'before', do: 'error' });
    const owing = { ...(await get(`/loans/${loan.id}`)), outstanding_balance: 50 };
    await system.call('PUT', `/loans/${loan.id}`, owing);
    const unheard = { saga, step: 'close-loan', op: 'do', at: 'after_commit', do: 'error' } as const;
    system.config.failpoints.splice(0, system.config.failpoints.length, unheard);
    const closed = () =>
      system.sql.loan`select result from saga_step where saga_id = ${saga} and step = 'close-loan'`;
    await expect
      .poll(closed, { interval: 20, timeout: 20_000 })
      .toMatchObject([{ result: { was: 'owing' } }]);
    await system.handle('loan-payment', saga).cancel();
    heal(system, saga);
    expect((await system.untilEnded(saga)).state).toBe('cancelled');
    expect(await get(`/loans/${loan.id}`)).toMatchObject({ outstanding_balance: 1_050, status: 'active' });
    expect(await ledger(loan)).toEqual({ receivable: 105_000, opening: -100_000, adjustment: -5_000 });
  });

  test('as a payoff must be the payoff amount to the cent', async () => {
    const loan = await lend({ outstanding_balance: 1_000 });
    const short = await pay(loan, 1_002.7, { payment_type: 'payoff' });
    expect(short).toMatchObject({ status: 422, body: { payoff_amount: 1_002.71 } });
    const { status, body } = await pay(loan, 1_002.71, { payment_type: 'payoff' });
    expect({ status, ...body }).toMatchObject({
      status: 201,
      principal_amount: 1_000,
      interest_amount: 2.71,
    });
    expect(await get(`/loans/${loan.id}`)).toMatchObject({ outstanding_balance: 0, status: 'paid_off' });
    expect((await get(`/applications/${loan.mortgage_id}`)).status).toBe('closed');
    const late = await pay(loan, 1);
    expect(late).toMatchObject({ status: 409, body: { state: 'paid_off' } });
  });

  test('on a loan that no mortgage here belongs to closes the loan alone', async () => {
    const loan = await lend({ mortgage_id: crypto.randomUUID(), outstanding_balance: 100 });
    expect((await pay(loan, 100.27)).status).toBe(201);
    expect((await get(`/loans/${loan.id}`)).status).toBe('paid_off');
  });

  test('on a loan that is not there is 404, on a cancelled one 409', async () => {
    expect((await pay({ id: crypto.randomUUID() }, 1)).status).toBe(404);
    const cancelled = await lend({ status: 'cancelled' });
    expect(await pay(cancelled, 1)).toMatchObject({ status: 409, body: { state: 'cancelled' } });
    const gone = await lend();
    await system.app.request(`/loans/${gone.id}`, { method: 'DELETE' });
    expect((await pay(gone, 1)).status).toBe(404);
  });

  test('on a loan that a saga holds is refused with that saga', async () => {
    const saga = await originate(system, [{ step: 'activate-loan', op: 'do', at: 'before', do: 'refuse' }]);
    await system.untilState(saga, 'parked');
    const [loan] = await system.sql.loan<{ id: string }[]>`select id from loan where saga_id = ${saga}`;
    expect(await pay(loan ?? { id: '' }, 1)).toMatchObject({ status: 409, body: { saga_id: saga } });
  });

  test('sent again with its key is made once, also after the loan is paid off', async () => {
    const loan = await lend({ outstanding_balance: 1_000 });
    const key = { 'idempotency-key': crypto.randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => pay(loan, 1_002.71, {}, key)));
    const [first] = answers;
    expect(first?.status).toBe(201);
    for (const answer of answers) expect([answer.status, answer.body]).toEqual([201, first?.body]);
    expect(await get(`/loans/${loan.id}/payments`)).toEqual([first?.body]);
    expect((await pay(loan, 1, {}, key)).status).toBe(422);
  });

  test('sent again with its key gets the same response when Temporal has deleted its saga', async () => {
    const loan = await lend();
    const forget = async (key: string) => {
      const [saga] = await system.sql.unwind<{ id: string }[]>`select id from saga where key = ${key}`;
      await deleteWorkflow(`loan-payment-${saga?.id}`);
      expect((await system.call('GET', `/sagas/${saga?.id}`)).status).toBe(404);
    };
    const [paid, refused] = [crypto.randomUUID(), crypto.randomUUID()];
    const first = await pay(loan, 2_176, {}, { 'idempotency-key': paid });
    expect(first.status).toBe(201);
    expect((await pay(loan, 600_000, {}, { 'idempotency-key': refused })).status).toBe(422);
    const before = await ledger(loan);
    await Promise.all([paid, refused].map(forget));
    const [saga] = await system.sql.unwind`select id from saga where key = ${paid}`;
    for (const action of ['compensate', 'resolve', 'retry']) {
      const order = await system.call('POST', `/sagas/${saga?.['id']}/${action}`, { reason: 'give it back' });
      expect([action, order.status]).toEqual([action, 404]);
    }
    expect(await ledger(loan)).toEqual(before);

    const again = await pay(loan, 2_176, {}, { 'idempotency-key': paid });
    expect([again.status, again.body]).toEqual([201, first.body]);
    const { status, body } = await pay(loan, 600_000, {}, { 'idempotency-key': refused });
    expect([status, body.detail]).toEqual([409, expect.stringContaining('a new Idempotency-Key')]);
    expect(await get(`/loans/${loan.id}/payments`)).toEqual([first.body]);
  });

  test('that was taken, and whose saga Temporal has deleted before it was allocated, is not to be paid again', async () => {
    const loan = await lend();
    const key = { 'idempotency-key': crypto.randomUUID() };
    const fault: Failpoint = { step: 'allocate-payment', op: 'do', at: 'before', do: 'error' };
    system.config.failpoints.push(fault);
    const paying = pay(loan, 2_176, {}, key);
    const taken = () => system.sql.loan`select 1 from payment where loan_id = ${loan.id}`;
    await expect.poll(taken, { timeout: 20_000 }).toHaveLength(1);
    expect((await paying).status).toBe(202);
    const [saga] = await system.sql.unwind`select id from saga where key = ${key['idempotency-key']}`;
    await deleteWorkflow(`loan-payment-${saga?.['id']}`);
    system.config.failpoints.length = 0;
    const { status, body } = await pay(loan, 2_176, {}, key);
    expect([status, body.detail]).toEqual([
      409,
      `the payment of saga ${saga?.['id']} was taken and is not allocated: ask an operator`,
    ]);
  });

  test('not done in ten seconds is 202 with its saga, and made when the service is back', async () => {
    const loan = await lend();
    await system.rest('loan');
    const { status, body, headers } = await pay(loan, 2_176);
    expect([status, headers.get('location')]).toEqual([202, `/sagas/${body.saga_id}`]);
    await system.work('loan');
    expect((await system.untilEnded(body.saga_id)).state).toBe('completed');
    expect((await get(`/loans/${loan.id}`)).outstanding_balance).toBe(499_178.17);
  });

  test('whose saga cannot close the loan is refunded, and the loan is unchanged', async () => {
    const loan = await lend({ outstanding_balance: 1_000 });
    const saga_id = crypto.randomUUID();
    system.config.failpoints.push({
      saga: saga_id,
      step: 'close-mortgage',
      op: 'do',
      at: 'before',
      do: 'refuse',
    });
    const start = { saga_id, type: 'loan-payment', loan_id: loan.id, payment_amount: 1_002.71 };
    expect((await system.call('POST', '/start', start)).status).toBe(202);
    const saga = await system.untilEnded(saga_id);
    expect(stepsOf(saga).slice(4)).toEqual([
      'undo close-mortgage nothing-to-undo',
      'undo close-loan done',
      'undo allocate-payment done',
      'undo capture-payment done',
    ]);
    expect(await get(`/loans/${loan.id}`)).toMatchObject({ outstanding_balance: 1_000, status: 'active' });
    expect(await ledger(loan)).toEqual({ receivable: 100_000, opening: -100_000 });
    expect(await get(`/loans/${loan.id}/payments`)).toEqual([]);
  });
});

/** A thousand on a hundred loans: `PAYMENTS=1000 npm test -- test/resources/payments.test.ts`, some three minutes. */
const many = Number(process.env['PAYMENTS'] ?? 120);

/** Two payments that both wait for the loan before it is free. */
async function payTwice(loan: { id: string }, amount: number) {
  const { sql } = system;
  const paid = await sql.loan.begin(async (tx) => {
    await tx`select 1 from loan where id = ${loan.id} for no key update`;
    const both = Promise.all([pay(loan, amount), pay(loan, amount)]);
    await expect.poll(() => lockWaits(sql.loan), { timeout: 8_000 }).toHaveLength(2);
    return { both };
  });
  return paid.both;
}

describe('payments at once', () => {
  test('on one loan: the interest of the second counts on what the first has left', async () => {
    const loan = await lend({ outstanding_balance: 120_000 });
    const answers = await payTwice(loan, 10_325);
    const interest = answers.map(({ body }) => body.interest_amount);
    expect(interest.sort((a, b) => b - a)).toEqual([325, 297.92]);
    expect((await get(`/loans/${loan.id}`)).outstanding_balance).toBe(99_972.92);
  });

  test('for the last balance: one wins, the other is refused with the payoff amount', async () => {
    const loan = await lend({ outstanding_balance: 1_000 });
    const answers = await payTwice(loan, 1_002.71);
    const [won, lost] = answers.sort((a, b) => a.status - b.status);
    expect([won?.status, lost?.status]).toEqual([201, 422]);
    expect(lost?.body.payoff_amount).toBe(0);
    expect(await get(`/loans/${loan.id}`)).toMatchObject({ outstanding_balance: 0, status: 'paid_off' });
    expect(await ledger(loan)).toEqual({ opening: -100_000, cash: 100_271, interest: -271 });
  });

  test('many on fewer loans: every loan owes what its payments left, and the ledger balances throughout', async () => {
    const loans = await Promise.all(
      Array.from({ length: many / 10 }, () => lend({ outstanding_balance: 10_000 })),
    );
    const bodies = loans.flatMap((loan) =>
      Array.from({ length: 10 }, () => ({ loan_id: loan.id, payment_amount: 100 })),
    );
    const ids = await Promise.all(bodies.map((body) => system.start('loan-payment', body)));
    for (const [index, id] of ids.entries()) {
      if (index % 20 === 0) expect(await get('/ledger/balances')).toMatchObject({ balanced: true, sum: 0 });
      expect((await untilDone(id)).state).toBe('completed');
    }
    const owed = await system.sql.loan`
      select outstanding_balance::int as owed,
        (select sum(principal_amount) from payment where loan_id = loan.id and status = 'allocated')::int as paid
      from loan where id in ${system.sql.loan(loans.map(({ id }) => id))}`;
    expect(owed.length).toBe(many / 10);
    for (const { owed: left, paid } of owed) expect(left + paid).toBe(1_000_000);
  }, 240_000);
});

async function untilDone(id: string) {
  await expect
    .poll(async () => (await get(`/sagas/${id}`)).state, { interval: 500, timeout: 200_000 })
    .toBeOneOf(['completed', 'compensated', 'failed', 'cancelled', 'parked']);
  return get(`/sagas/${id}`);
}
