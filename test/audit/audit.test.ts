import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { effectsOf } from '../../src/audit/effects.ts';
import * as sagas from '../../src/workflows/sagas.ts';
import { byOlga, untilUnwinder, unwinderOf } from '../support/left-behind.ts';
import { originate } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';
import { auditOf } from './support.ts';

let system: System;
let auditing: ReturnType<typeof auditOf>;
beforeAll(async () => {
  system = await startSystem({ sweepLocksEveryMs: 1_000 });
  auditing = auditOf(system);
});
afterAll(async () => {
  await auditing.end();
  await system.end();
});

const findings = () => auditing.findings();
const tamper: typeof auditing.tamper = (database, statement) => auditing.tamper(database, statement);

const balances = async () => (await system.call('GET', '/ledger/balances')).body;

async function grantedLoan() {
  const id = await originate(system);
  await system.untilEnded(id);
  const [row] = await system.sql.loan`select id, mortgage_id, customer_id from loan where saga_id = ${id}`;
  return {
    saga: id,
    id: String(row?.['id']),
    mortgage: String(row?.['mortgage_id']),
    customer: String(row?.['customer_id']),
  };
}

const refused = { step: 'book-loan', op: 'do', at: 'before', do: 'refuse' } as const;

describe('the audit finds nothing', () => {
  test('in an empty system', async () => {
    expect(await findings()).toEqual([]);
  });

  test('while sagas run, unwind and pay, nor afterwards', async () => {
    const running = Promise.all(
      Array.from({ length: 15 }, async (_, index) => {
        const id = await originate(system, index % 3 === 0 ? [refused] : []);
        const { state, result } = await system.untilEnded(id);
        if (state !== 'completed') return;
        const { loan_id } = result as { loan_id: string };
        await system.untilEnded(await system.start('loan-payment', { loan_id, payment_amount: 2_000 }));
      }),
    );
    let done = false;
    void running.finally(() => {
      done = true;
    });
    for (let looks = 0; !done || looks < 3; looks++) expect(await findings()).toEqual([]);
    await running;
  }, 120_000);

  test('in rows that clients wrote, changed and deleted', async () => {
    const customer_id = crypto.randomUUID();
    const terms = { customer_id, loan_amount: 1_000, interest_rate: 3, term_years: 5 };
    const loan = await system.call('POST', '/loans', { ...terms, mortgage_id: crypto.randomUUID() });
    await system.call('PUT', `/loans/${loan.body.id}`, { ...loan.body, outstanding_balance: 900 });
    const booked = { ...terms, mortgage_id: crypto.randomUUID(), status: 'booked' };
    const activated = await system.call('POST', '/loans', booked);
    await system.call('PUT', `/loans/${activated.body.id}`, { ...booked, status: 'active' });
    const gone = await system.call('POST', '/loans', { ...terms, mortgage_id: crypto.randomUUID() });
    await system.app.request(`/loans/${gone.body.id}`, { method: 'DELETE' });
    const ada = await system.call('POST', '/customers', { name: 'Ada', email: 'audit@example.com' });
    await system.app.request(`/customers/${ada.body.id}`, { method: 'DELETE' });
    const application = { ...terms, property_value: 2_000 };
    const { body } = await system.call('POST', '/applications', application);
    await system.app.request(`/applications/${body.id}`, { method: 'DELETE' });
    expect(await findings()).toEqual([]);
  });

  test('in what clients changed and deleted of what sagas have granted', async () => {
    const other = crypto.randomUUID();
    const get = async (path: string) => (await system.call('GET', path)).body;
    const put = async (path: string, change: object) => {
      const { status } = await system.call('PUT', path, { ...(await get(path)), ...change });
      expect(status).toBe(200);
    };
    const remove = async (path: string) => (await system.app.request(path, { method: 'DELETE' })).status;

    const first = await grantedLoan();
    // What has ended is in Temporal's index a moment later.
    await expect.poll(() => remove(`/customers/${first.customer}`), { timeout: 20_000 }).toBe(204);
    expect(await remove(`/applications/${(await grantedLoan()).mortgage}`)).toBe(204);
    await put(`/applications/${(await grantedLoan()).mortgage}`, { status: 'withdrawn' });
    await put(`/loans/${(await grantedLoan()).id}`, { customer_id: other });
    await put(`/loans/${(await grantedLoan()).id}`, { mortgage_id: other });
    await put(`/loans/${(await grantedLoan()).id}`, { status: 'cancelled', outstanding_balance: 0 });

    const left = await originate(system, [], { annual_income: undefined });
    await system.untilState(left, 'waiting');
    await system.handle('mortgage-origination', left).terminate('by mistake');
    await untilUnwinder(system, left);
    await unwinderOf(system, left).signal('resolve', byOlga);
    await system.untilEnded(left);
    const [application] = await system.sql.mortgage`select id from application where saga_id = ${left}`;
    const approved = { ...(await get(`/applications/${application?.['id']}`)), status: 'approved' };
    const approve = () => system.call('PUT', `/applications/${approved.id}`, approved);
    await expect.poll(async () => (await approve()).status, { timeout: 30_000 }).toBe(200);
    expect(await findings()).toEqual([`mortgage ${approved.id} is approved and has no loan`]);
    const { customer_id, loan_amount, interest_rate, term_years } = approved;
    const terms = { customer_id, loan_amount, interest_rate, term_years };
    await system.call('POST', '/loans', { ...terms, mortgage_id: approved.id });
    expect(await findings()).toEqual([]);
  });
});

describe('the audit finds', () => {
  test('a balance that differs from its entries', async () => {
    const { id } = await grantedLoan();
    await tamper('loan', `update loan set outstanding_balance = outstanding_balance - 1 where id = '${id}'`);
    expect(await findings()).toEqual([`loan ${id} owes 499999.99, by its entries 500000.00`]);
    expect(await balances()).toMatchObject({ balanced: false, sum: 0 });
    await tamper('loan', `update loan set outstanding_balance = outstanding_balance + 1 where id = '${id}'`);
    expect(await balances()).toMatchObject({ balanced: true, sum: 0 });
  });

  test('half a movement of money', async () => {
    const { id, saga } = await grantedLoan();
    const half = `loan_id = '${id}' and account = 'cash'`;
    await tamper('loan', `update ledger_entry set amount = amount + 100 where ${half}`);
    expect(await findings()).toEqual([`do disburse-funds of ${saga} is off by 1.00`]);
    expect(await balances()).toMatchObject({ balanced: false, sum: 1 });
    await tamper('loan', `update ledger_entry set amount = amount - 100 where ${half}`);
    expect(await balances()).toMatchObject({ balanced: true, sum: 0 });
  });

  test('a payment that differs from its entries', async () => {
    const { id } = await grantedLoan();
    const { body } = await system.call('POST', '/payments', { loan_id: id, payment_amount: 2_176 });
    await tamper(
      'loan',
      `update payment set status = 'captured', principal_amount = 0, interest_amount = 0 where id = '${body.id}'`,
    );
    expect(await findings()).toEqual([`payment ${body.id} is captured, and its entries do not say so`]);
    expect(await balances()).toMatchObject({ balanced: false, sum: 0 });
    await tamper('loan', `delete from payment where id = '${body.id}'`);
    expect(await findings()).toEqual([
      expect.stringMatching(/^capture-payment of \S+ has left nothing in payment$/),
    ]);
    await tamper('loan', `delete from saga_step where step = 'capture-payment'`);
  });

  test('a loan without its mortgage or its customer, and a mortgage without its loan', async () => {
    const first = await grantedLoan();
    await tamper('mortgage', `update application set status = 'pending' where id = '${first.mortgage}'`);
    await tamper('customer', `delete from customer where id = '${first.customer}'`);
    const second = await grantedLoan();
    await tamper('loan', `update loan set mortgage_id = id where id = '${second.id}'`);
    const third = await grantedLoan();
    await tamper('loan', `delete from loan where id = '${third.id}'`);
    await tamper('loan', `delete from ledger_entry where loan_id = '${third.id}'`);
    await tamper('loan', `delete from saga_step where saga_id = '${third.saga}' and step = 'disburse-funds'`);
    expect(await findings()).toEqual([
      `book-loan of ${third.saga} has left nothing in loan`,
      `loan ${first.id} has no approved mortgage ${first.mortgage}`,
      `loan ${first.id} has no customer ${first.customer}`,
      `loan ${second.id} has no approved mortgage ${second.id}`,
      `mortgage ${third.mortgage} is approved and has no loan`,
    ]);
  });

  test('a loan that was paid out, and whose saga was resolved by hand before it became active', async () => {
    const before = await findings();
    const saga = await originate(system, [{ step: 'activate-loan', op: 'do', at: 'before', do: 'refuse' }]);
    await system.untilState(saga, 'parked');
    await system.handle('mortgage-origination', saga).terminate('by mistake');
    await untilUnwinder(system, saga);
    const found = async () => (await findings()).filter((line) => !before.includes(line));
    expect(await found()).toEqual([]);
    await unwinderOf(system, saga).signal('resolve', byOlga);
    await system.untilEnded(saga);
    const [loan] = await system.sql.loan`select id from loan where saga_id = ${saga}`;
    await expect
      .poll(found, { timeout: 30_000 })
      .toEqual([`loan ${loan?.['id']} was paid out and is still booked`]);
    const path = `/loans/${loan?.['id']}`;
    const { body } = await system.call('GET', path);
    expect((await system.call('PUT', path, { ...body, status: 'active' })).status).toBe(200);
    expect(await found()).toEqual([]);
  });

  test('what a saga has undone of what it granted', async () => {
    const { saga, id, mortgage, customer } = await grantedLoan();
    const before = await findings();
    await tamper('mortgage', `update application set status = 'withdrawn' where id = '${mortgage}'`);
    for (const database of ['mortgage', 'customer', 'loan'] as const)
      await tamper(
        database,
        `insert into saga_step (saga_id, step, generation, position, op, written_by, result)
         select saga_id, step, generation, position, 'undo', 'undo', '"undone"' from saga_step
         where saga_id = '${saga}' and step in ('submit-application', 'register-customer')`,
      );
    const found = (await findings()).filter((line) => !before.includes(line));
    expect(found).toEqual([
      `loan ${id} has no approved mortgage ${mortgage}`,
      `loan ${id} has no customer ${customer}`,
    ]);
  });

  test('a loan on an application that another submitted, unless that stands', async () => {
    const [first, second] = [await grantedLoan(), await grantedLoan()];
    const before = await findings();
    const found = async () => (await findings()).filter((line) => !before.includes(line));
    await tamper('loan', `update loan set mortgage_id = '${first.mortgage}' where id = '${second.id}'`);
    const finding = `loan ${second.id} has no approved mortgage ${first.mortgage}`;
    expect(await found()).toEqual([finding]);

    // As if its saga had submitted none.
    await tamper('mortgage', `delete from saga_step where saga_id = '${second.saga}'`);
    await tamper('mortgage', `delete from application where id = '${second.mortgage}'`);
    expect(await found()).toEqual([]);
    await tamper('mortgage', `update application set status = 'pending' where id = '${first.mortgage}'`);
    expect(await found()).toContain(finding);
  });

  test('a customer whom a saga registered that was undone, unless another has claimed them', async () => {
    const saga = await originate(system, [refused]);
    await system.untilEnded(saga);
    const id = crypto.randomUUID();
    await system.sql.customer`
      insert into customer (id, name, email, saga_id, saga_step, saga_generation, saga_op)
      values (${id}, 'Ada', 'left@example.com', ${saga}, 'register-customer', 1, 'do')`;
    const finding = `customer ${id} was registered by a saga that was undone`;
    expect(await findings()).toContain(finding);
    await system.sql.customer`insert into customer_claim (customer_id, claimed_by) values (${id}, ${id})`;
    expect(await findings()).not.toContain(finding);
  });
});

test('the list of what steps insert has every step of every saga, except those that only change rows', () => {
  const listed = Object.entries(effectsOf).flatMap(([service, steps]) =>
    Object.keys(steps).map((step) => `${service} ${step}`),
  );
  const contracts = Object.values(sagas).flatMap(({ definition }) => definition.steps);
  const others = new Set(contracts.map(({ service, name }) => `${service} ${name}`));
  for (const step of listed) others.delete(step);
  expect([...others].sort()).toEqual([
    'customer visit-customer',
    'loan activate-loan',
    'loan close-loan',
    'loan visit-loan',
    'mortgage approve-application',
    'mortgage assess-application',
    'mortgage close-mortgage',
    'mortgage reject-application',
    'mortgage release-application',
    'mortgage visit-mortgage',
    'order complete-order',
  ]);
});
