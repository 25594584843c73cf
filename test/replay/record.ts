import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceNames } from '../../src/service-names.ts';
import { sagaStart } from '../../src/workflows/start-options.ts';
import { application, heal, originate } from '../support/originations.ts';
import { continuesAfter } from '../support/server-settings.ts';
import { type System, startSystem } from '../support/system.ts';
import type { wayNames } from './recorded.ts';

/** Not a test: writes one history of each way that a saga can go. Run by `npm run record`. */
let system: System;
/** Whose sagas run their steps with their worker. */
let placed: System;
/** Whose sagas continue as new soon. */
let continuing: System;
beforeAll(async () => {
  system = await startSystem({ workflows: 'quick', sweepLocksEveryMs: 1_000 });
  placed = await startSystem({ workflows: 'quick', placed: true });
  continuing = await startSystem({ workflows: 'quick', serverArgs: continuesAfter(10) });
});
afterAll(() => Promise.all([system, placed, continuing].map((each) => each.end())));

const order = (id: string, action: string, body: object = {}) =>
  system.call('POST', `/sagas/${id}/${action}`, { reason: 'recorded', ...body });
const refuse = (step: string) => ({ step, op: 'do', at: 'before', do: 'refuse' }) as const;

/** Each answers the id of a saga's workflow, or of its unwinder, and where it ran unless on the usual system. */
const ways: Record<(typeof wayNames)[number], () => Promise<string | [string, System]>> = {
  async rehearsal() {
    const id = await system.start('rehearsal', {});
    await system.untilEnded(id);
    return `rehearsal-${id}`;
  },
  granted: () => ended(originate(system)),
  async 'existing-customer'() {
    const first = await originate(system);
    const { result } = await system.untilEnded(first);
    const { customer_id } = result as { customer_id: string };
    return ended(originate(system, [], { customer: undefined, customer_id, loan_amount: 1_000 }));
  },
  async referred() {
    const id = await originate(system, [], { annual_income: undefined });
    await system.untilState(id, 'waiting');
    await system.call('POST', `/sagas/${id}/decision`, { approved: true, reason: 'recorded' });
    return ended(id);
  },
  'decision-timed-out': () =>
    ended(originate(system, [], { annual_income: undefined, decision_timeout: 'PT1S' })),
  declined: () => ended(originate(system, [], { property_value: application().loan_amount })),
  compensated: () => ended(originate(system, [refuse('book-loan')])),
  'pivot-refused': () => ended(originate(system, [refuse('disburse-funds')])),
  async corrected() {
    const id = await originate(system, [{ ...refuse('submit-application'), times: 1 }]);
    await system.untilState(id, 'parked');
    await order(id, 'correct', { input: { term_years: 20 } });
    return ended(id);
  },
  async 'undo-parked-and-resolved'() {
    const undo = { step: 'submit-application', op: 'undo', at: 'before', do: 'error' } as const;
    const id = await originate(system, [refuse('book-loan'), undo]);
    await system.untilState(id, 'parked');
    await order(id, 'resolve');
    return ended(id);
  },
  async 'parked-past-the-pivot'() {
    const id = await originate(system, [refuse('activate-loan')]);
    await system.untilState(id, 'parked');
    heal(system, id);
    await order(id, 'retry');
    return ended(id);
  },
  async cancelled() {
    const id = await originate(system, [], { annual_income: undefined });
    await system.untilState(id, 'waiting');
    await system.handle('mortgage-origination', id).cancel();
    return ended(id);
  },
  async 'given-up-at-the-deadline'() {
    const id = await originate(system, [], { annual_income: undefined, deadline: 'PT2S' });
    return ended(id);
  },
  unwinder: () => leftBehind('compensate'),
  'unwinder-resolved': () => leftBehind('resolve'),
  payment: () => ended(pay(100), 'loan-payment'),
  'payment-of-the-rest': () => ended(pay(1_002.71), 'loan-payment'),
  'payment-refused': () => ended(pay(2_000), 'loan-payment'),
  purchase: () => ended(buy(100), 'purchase'),
  'purchase-refused': () => ended(buy(10_001), 'purchase'),
  'placed-granted': async () => [await ended(originate(placed), undefined, placed), placed],
  async 'placed-refused'() {
    return [await ended(originate(placed, [refuse('disburse-funds')]), undefined, placed), placed];
  },
  async 'placed-referred'() {
    const id = await originate(placed, [], { annual_income: undefined });
    await placed.untilState(id, 'waiting');
    await placed.call('POST', `/sagas/${id}/decision`, { approved: true, reason: 'recorded' });
    return [await ended(id, undefined, placed), placed];
  },
  /** A signal comes before its first task, so its stretch is recorded before it begins. */
  async 'placed-tried-again'() {
    const type = 'mortgage-origination';
    const settings = { alertAfter: 'PT5M', placement: serviceNames };
    const start = sagaStart(settings, { type, sagaId: crypto.randomUUID() }, application());
    const { workflow } = placed.temporal.client;
    const handle = await workflow.signalWithStart(type, { ...start, signal: 'noise', signalArgs: [] });
    await handle.result();
    return [handle.workflowId, placed];
  },
  async continued() {
    return [await ended(originate(continuing), undefined, continuing), continuing];
  },
  async 'continued-while-unwinding'() {
    const id = await originate(continuing, [refuse('book-loan')]);
    return [await ended(id, undefined, continuing), continuing];
  },
  async alert() {
    const id = await originate(system, [refuse('activate-loan')]);
    await system.untilState(id, 'parked');
    const alert = `alert-${id}-do-activate-loan-1`;
    await system.temporal.client.workflow.getHandle(alert).result();
    return alert;
  },
  sweep: async () => 'sweep',
  async 'sweep-locks'() {
    await system.untilEnded(await system.start('rehearsal', {}));
    const released = async () => {
      const { events } = await system.temporal.client.workflow.getHandle('sweep-locks-loan').fetchHistory();
      return events?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
    };
    await expect.poll(released, { timeout: 20_000 }).toContain('releaseLocks');
    return 'sweep-locks-loan';
  },
};

async function ended(saga: string | Promise<string>, type = 'mortgage-origination', of = system) {
  const id = await saga;
  await of.untilEnded(id);
  return `${type}-${id}`;
}

/** A terminated saga, whose unwinder gets this command. */
async function leftBehind(action: 'compensate' | 'resolve') {
  const id = await originate(system, [], { annual_income: undefined });
  await system.untilState(id, 'waiting');
  await system.handle('mortgage-origination', id).terminate('recorded');
  await order(id, action);
  await system.untilEnded(id);
  return `unwind-${id}`;
}

async function buy(price: number): Promise<string> {
  const product = { name: 'pen', description: 'writes', brand_name: 'quill', price, inventory: 5 };
  const { body } = await system.call('POST', '/api/product', product);
  const purchase_items = [{ product_id: body.id, amount: 1 }];
  return system.start('purchase', { purchase_items, payment: { currency_code: 'NT' } });
}

/** On a loan of which 1,000 are left. */
async function pay(payment_amount: number): Promise<string> {
  const terms = { loan_amount: 1_000, interest_rate: 3.25, term_years: 5 };
  const owner = { customer_id: crypto.randomUUID(), mortgage_id: crypto.randomUUID() };
  const { body } = await system.call('POST', '/loans', { ...terms, ...owner });
  return system.start('loan-payment', { loan_id: body.id, payment_amount });
}

test.each(Object.entries(ways))('%s', async (name, run) => {
  const way = await run();
  const [workflowId, { temporal: at }] = typeof way === 'string' ? [way, system] : way;
  const history = await at.client.workflow.getHandle(workflowId).fetchHistory();
  // Not as JSON: historyToJSON fails while npm installs two copies of protobufjs.
  const bytes = temporal.api.history.v1.History.encode(history).finish();
  const recorded = {
    workflowId,
    events: history.events?.length,
    history: Buffer.from(bytes).toString('base64'),
  };
  await writeFile(join(import.meta.dirname, 'histories', `${name}.json`), `${JSON.stringify(recorded)}\n`);
});
