import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { created, entriesOf, lent, type Send, sender } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let send: Send;
beforeAll(async () => {
  system = await startSystem();
  send = sender(system.app.request);
});
afterAll(() => system.end());

const create = (more: object = {}) => created(send, '/loans', { ...lent(), ...more });
const read = async (loan: { id: string }) => (await send('GET', `/loans/${loan.id}`)).body;
const owe = (row: { id: string }, outstanding_balance: number) =>
  send('PUT', `/loans/${row.id}`, { ...row, outstanding_balance });
const opening = ['do receivable 50000000', 'do opening -50000000'];

describe('the ledger entries of a loan', () => {
  test('open with its balance', async () => {
    expect(await entriesOf(system, await create())).toEqual(opening);
  });

  test('open with the balance that was given', async () => {
    const row = await create({ outstanding_balance: 495_000.01 });
    expect(await entriesOf(system, row)).toEqual(['do receivable 49500001', 'do opening -49500001']);
  });

  test('are none where nothing is owed', async () => {
    expect(await entriesOf(system, await create({ outstanding_balance: 0 }))).toEqual([]);
  });

  test.each([
    ['less', 495_000, ['do receivable -500000', 'do adjustment 500000']],
    ['more', 500_000.01, ['do receivable 1', 'do adjustment -1']],
    ['nothing', 0, ['do receivable -50000000', 'do adjustment 50000000']],
  ])('are adjusted by a PUT after which %s is owed', async (_, balance, adjustment) => {
    const row = await create();
    const { status, body } = await owe(row, balance);
    expect([status, body.outstanding_balance]).toEqual([200, balance]);
    expect(await entriesOf(system, row)).toEqual([...opening, ...adjustment]);
    expect(await read(row)).toEqual(body);
  });

  test('are of the whole loan after a PUT that makes a booked one active', async () => {
    const row = await create({ status: 'booked' });
    const { outstanding_balance: _, ...body } = row;
    const active = { ...body, status: 'active' };
    expect((await send('PUT', `/loans/${row.id}`, active)).body.outstanding_balance).toBe(500_000);
    const adjustment = ['do receivable 50000000', 'do adjustment -50000000'];
    expect(await entriesOf(system, row)).toEqual(adjustment);
    const again = await send('PUT', `/loans/${row.id}`, active);
    expect([again.status, again.body.outstanding_balance]).toEqual([200, 500_000]);
    expect(await entriesOf(system, row)).toEqual(adjustment);
  });

  test('keep the balance that a booked loan was given, or that the PUT gives', async () => {
    const { outstanding_balance: _, ...row } = await create({ status: 'booked', outstanding_balance: 5 });
    const kept = await send('PUT', `/loans/${row.id}`, { ...row, status: 'active' });
    expect(kept.body.outstanding_balance).toBe(5);
    const booked = await create({ status: 'booked' });
    expect((await owe({ ...booked, status: 'active' }, 0)).body.outstanding_balance).toBe(0);
  });

  test('are left alone by a PUT that leaves the balance', async () => {
    const row = await create();
    await owe({ ...row, loan_amount: 600_000 }, row.outstanding_balance);
    expect(await entriesOf(system, row)).toEqual(opening);
  });

  test('make up the balance after ten PUTs at once', async () => {
    const row = await create();
    const balances = Array.from({ length: 10 }, (_, index) => 400_000 + index);
    const answers = await Promise.all(balances.map((balance) => owe(row, balance)));
    expect(answers.map(({ status }) => status)).toEqual(balances.map(() => 200));
    const [sums] = await system.sql.loan`
      select sum(amount)::int as all, sum(amount) filter (where account = 'receivable')::int as receivable
      from ledger_entry where loan_id = ${row.id}`;
    expect(balances).toContain((await read(row)).outstanding_balance);
    expect(sums).toEqual({ all: 0, receivable: (await read(row)).outstanding_balance * 100 });
  });

  test('are not touched by a PUT that is refused', async () => {
    const row = await create({ status: 'defaulted' });
    const { status } = await send('PUT', `/loans/${row.id}`, {
      ...row,
      status: 'booked',
      outstanding_balance: 1,
    });
    expect(status).toBe(409);
    expect(await entriesOf(system, row)).toEqual(opening);
  });
});

describe('DELETE of a loan', () => {
  test('reverses its opening, and hides the loan', async () => {
    const row = await create();
    const { status, body } = await send('DELETE', `/loans/${row.id}`);
    expect([status, body]).toEqual([204, undefined]);
    expect(await entriesOf(system, row)).toEqual([
      ...opening,
      'undo receivable -50000000',
      'undo opening 50000000',
    ]);
    for (const path of [
      `/loans/${row.id}`,
      `/loans/${row.id}/schedule`,
      `/mortgages/${row.mortgage_id}/loan`,
    ])
      expect((await send('GET', path)).status).toBe(404);
    expect((await send('GET', `/customers/${row.customer_id}/loans`)).body).toEqual([]);
    expect((await send('DELETE', `/loans/${row.id}`)).status).toBe(404);
    expect((await owe(row, 1)).status).toBe(404);
    expect((await send('POST', '/payments', { loan_id: row.id, payment_amount: 1 })).status).toBe(404);
  });

  test('of one that owed nothing needs no entries', async () => {
    const row = await create({ outstanding_balance: 0 });
    expect((await send('DELETE', `/loans/${row.id}`)).status).toBe(204);
    expect(await entriesOf(system, row)).toEqual([]);
  });

  test('sent ten times at once reverses once', async () => {
    const row = await create();
    const remove = () => send('DELETE', `/loans/${row.id}`);
    const answers = await Promise.all(Array.from({ length: 10 }, remove));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(9).fill(404)]);
    expect(await entriesOf(system, row)).toHaveLength(4);
  });

  test('is 409 after an adjustment, also one that was taken back', async () => {
    const row = await create();
    await owe(row, 495_000);
    await owe(row, 500_000);
    const { status, body } = await send('DELETE', `/loans/${row.id}`);
    expect([status, body.state]).toEqual([409, 'active']);
    expect((await read(row)).outstanding_balance).toBe(500_000);
    expect(await entriesOf(system, row)).toHaveLength(6);
  });

  test('is 409 after a payment', async () => {
    const row = await create();
    await created(send, '/payments', { loan_id: row.id, payment_amount: 2_176 });
    expect((await send('DELETE', `/loans/${row.id}`)).status).toBe(409);
    expect((await read(row)).outstanding_balance).toBe(499_178.17);
  });
});

test('the ledger as a whole balances after all that', async () => {
  await owe(await create(), 1);
  await send('DELETE', `/loans/${(await create()).id}`);
  expect((await send('GET', '/ledger/balances')).body).toMatchObject({ balanced: true, sum: 0 });
});

describe('the schedule of a loan', () => {
  interface Instalment {
    number: number;
    due_date: string;
    payment_amount: number;
    principal_amount: number;
    interest_amount: number;
    outstanding_balance: number;
  }
  const cents = (amount: number) => Math.round(amount * 100);
  const total = (schedule: Instalment[]) =>
    schedule.reduce((sum, { principal_amount }) => sum + cents(principal_amount), 0);
  async function scheduleOf(more: object): Promise<Instalment[]> {
    const { status, body } = await send('GET', `/loans/${(await create(more)).id}/schedule`);
    expect(status).toBe(200);
    return body;
  }

  test('of 500000 at 3.25 % over 30 years has 360 instalments that pay the loan', async () => {
    const instalments = await scheduleOf({ start_date: '2025-01-01T00:00:00Z' });
    expect(instalments).toHaveLength(360);
    expect(instalments[0]).toEqual({
      number: 1,
      due_date: '2025-02-01T00:00:00.000Z',
      payment_amount: 2_176.03,
      principal_amount: 821.86,
      interest_amount: 1_354.17,
      outstanding_balance: 499_178.14,
    });
    expect(instalments.at(-1)).toMatchObject({
      number: 360,
      due_date: '2055-01-01T00:00:00.000Z',
      outstanding_balance: 0,
    });
    expect(total(instalments)).toBe(50_000_000);
  });

  test('carries each balance to the next instalment, which is interest and principal', async () => {
    let balance = 50_000_000;
    for (const instalment of await scheduleOf({})) {
      expect(cents(instalment.payment_amount)).toBe(
        cents(instalment.principal_amount) + cents(instalment.interest_amount),
      );
      balance -= cents(instalment.principal_amount);
      expect(cents(instalment.outstanding_balance)).toBe(balance);
    }
    expect(balance).toBe(0);
  });

  test('over 40 years has 480 instalments', async () => {
    const instalments = await scheduleOf({ term_years: 40 });
    expect([instalments.length, instalments.at(-1)?.outstanding_balance]).toEqual([480, 0]);
  });

  test('is due on the last day of months that have no such day', async () => {
    const instalments = await scheduleOf({ start_date: '2024-01-31T09:30:00Z', term_years: 1 });
    expect(instalments.map(({ due_date }) => due_date.slice(0, 10))).toEqual([
      '2024-02-29',
      '2024-03-31',
      '2024-04-30',
      '2024-05-31',
      '2024-06-30',
      '2024-07-31',
      '2024-08-31',
      '2024-09-30',
      '2024-10-31',
      '2024-11-30',
      '2024-12-31',
      '2025-01-31',
    ]);
  });

  test('goes by the monthly payment that was given, and the last one pays the rest', async () => {
    const instalments = await scheduleOf({ monthly_payment: 2_176 });
    expect(instalments[0]).toMatchObject({ payment_amount: 2_176, principal_amount: 821.83 });
    expect(total(instalments)).toBe(50_000_000);
    expect(instalments.at(-1)?.outstanding_balance).toBe(0);
  });

  test('of the largest loan, paid at the very end, can be read', async () => {
    const most = { loan_amount: 1e12, interest_rate: 100, term_years: 1, monthly_payment: 0 };
    const instalments = await scheduleOf(most);
    expect(instalments.at(-1)).toMatchObject({ principal_amount: 1e12, outstanding_balance: 0 });
  });
});
