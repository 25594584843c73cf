import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Failpoint } from '../../src/guard/failpoints.ts';
import { inventoryOf, rowsOf, standing, stock } from '../support/purchases.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';
import { type Command, commandsOf, deliverer } from './commands.ts';
import { has, lines, type Shop, shopOn } from './support.ts';

let system: System;
let shop: Shop;
beforeAll(async () => {
  system = await startSystem();
  shop = shopOn(system);
});
afterAll(() => system.end());
afterEach(() => {
  system.config.failpoints.length = 0;
});

const steps = ['reserve-inventory', 'create-order', 'create-payment', 'create-delivery', 'complete-order'];
const fail = (step: string, op: 'do' | 'undo', more: Pick<Failpoint, 'at' | 'do'> & Partial<Failpoint>) =>
  system.config.failpoints.push({ step, op, ...more });
const lastTold = has('UPDATE_PRODUCT_INVENTORY STATUS_ROLLBACKED');
const tooDear = 10_001;

describe('what the older shop did wrong does not happen here:', () => {
  test('1. "rolled back" is published before the undo runs, sometimes twice', async () => {
    const ming = await shop.signUp();
    fail('create-order', 'undo', { at: 'before', do: 'hang', attempt: 1 });
    fail('create-order', 'undo', { at: 'after_commit', do: 'error', attempt: 2 });
    const undone: Record<string, number> = {};
    const live = shop.results(ming, lastTold, async ({ purchase_id, step, status }) => {
      if (status !== 'STATUS_ROLLBACKED') return;
      const sql = step === 'CREATE_ORDER' ? system.sql.order : system.sql.product;
      const rows = await sql`select 1 from saga_step where saga_id = ${purchase_id} and result = '"undone"'`;
      undone[step] = rows.length;
    });
    await system.untilEnded(await shop.buy(ming, await shop.sell(tooDear)));
    const rolledBack = lines(await live).filter((line) => line.endsWith('ROLLBACKED'));
    expect(rolledBack).toEqual([
      'CREATE_ORDER STATUS_ROLLBACKED',
      'UPDATE_PRODUCT_INVENTORY STATUS_ROLLBACKED',
    ]);
    expect(undone).toEqual({ CREATE_ORDER: 1, UPDATE_PRODUCT_INVENTORY: 1 });
  });

  test("2. the failed step's undo, with nothing to undo, reports ROLLBACK_FAIL", async () => {
    const ming = await shop.signUp();
    const live = shop.results(ming, lastTold);
    const saga = await system.untilEnded(await shop.buy(ming, await shop.sell(tooDear)));
    expect(stepsOf(saga)).toContain('undo create-payment nothing-to-undo');
    const told = lines(await live);
    expect(told.slice(told.indexOf('CREATE_PAYMENT STATUS_FAILED'))).toEqual([
      'CREATE_PAYMENT STATUS_FAILED',
      'CREATE_ORDER STATUS_ROLLBACKED',
      'UPDATE_PRODUCT_INVENTORY STATUS_ROLLBACKED',
    ]);
  });

  test('3. a redelivered command is answered as a failure and rolls back a good purchase', async () => {
    const ming = await shop.signUp();
    const pen = await shop.sell();
    for (const step of steps) fail(step, 'do', { at: 'after_commit', do: 'error', attempt: 1 });
    const live = shop.results(ming, has('CREATE_DELIVERY STATUS_SUCCESS'));
    const id = await shop.buy(ming, pen);
    const { state, result, timeline } = await system.untilEnded(id);
    expect({ state, attempts: timeline.map((entry) => 'attempt' in entry && entry.attempt) }).toEqual({
      state: 'completed',
      attempts: [2, 2, 2, 2, 2],
    });
    expect(lines(await live).filter((line) => /FAIL|ROLLBACK/.test(line))).toEqual([]);

    const good = await rowsOf(system, id);
    const commands = await commandsOf(system, id);
    expect(commands.map(({ name }) => name)).toEqual(steps);
    const { deliver, end } = deliverer(system);
    const answers = [];
    for (const command of commands) answers.push(await deliver(command));
    await end();
    expect(Object.assign({}, ...answers)).toMatchObject(Object(result));
    expect(await rowsOf(system, id)).toEqual(good);
    expect(good).toMatchObject({
      orders: [{ status: 'completed' }],
      payments: [{ amount: 10_000 }],
      cash: 10_000,
    });
    expect(await inventoryOf(system, pen)).toBe(4);
  });

  test('4. a rollback that overtakes its command leaks stock', async () => {
    const pen = await stock(system);
    const { deliver, end } = deliverer(system);
    const call = { saga_id: crypto.randomUUID(), step: 'reserve-inventory', generation: 1, position: 0 };
    const command: Command = {
      name: 'reserve-inventory',
      call: { ...call, input: { purchase_items: [{ product_id: pen, amount: 3 }] } },
    };
    expect(await deliver({ name: 'reserve-inventory:undo', call })).toEqual({ outcome: 'nothing-to-undo' });
    await expect(deliver(command)).rejects.toMatchObject({ type: 'fenced' });
    await end();
    expect(await inventoryOf(system, pen)).toBe(10);
    expect(await reservationsOf(call.saga_id)).toEqual([]);
  });

  test('4. a rollback that overtakes its command leaks stock, where a worker wakes long after it', async () => {
    const pen = await stock(system);
    let wake = () => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const { deliver, end } = deliverer(system, () => asleep);
    fail('reserve-inventory', 'do', { at: 'before', do: 'hang', attempt: 1 });
    fail('reserve-inventory', 'do', { at: 'before', do: 'refuse', attempt: 2 });
    const id = await system.start('purchase', {
      purchase_items: [{ product_id: pen, amount: 3 }],
      payment: { currency_code: 'NT' },
    });
    await expect.poll(async () => (await commandsOf(system, id)).length).toBe(1);
    const [command] = await commandsOf(system, id);
    if (!command) throw new Error('no command was sent');
    const late = deliver(command).catch((error: unknown) => error);
    const saga = await system.untilEnded(id);
    expect(stepsOf(saga)).toContain('undo reserve-inventory nothing-to-undo');
    wake();
    expect(await late).toMatchObject({ type: 'fenced' });
    await end();
    expect(await inventoryOf(system, pen)).toBe(10);
    expect(await reservationsOf(id)).toEqual([]);
  });

  test('5. rollbacks are sent without waiting: no order, no retry', async () => {
    const pen = await shop.sell();
    fail('create-delivery', 'do', { at: 'after_commit', do: 'refuse' });
    fail('create-payment', 'undo', { at: 'before', do: 'error', attempt: 1 });
    fail('create-payment', 'undo', { at: 'before', do: 'error', attempt: 2 });
    fail('create-payment', 'undo', { at: 'after_commit', do: 'error', attempt: 3 });
    const id = await shop.buy(await shop.signUp(), pen);
    const { state, timeline } = await system.untilEnded(id);
    const undos = timeline.flatMap((entry) => (!('event' in entry) && entry.op === 'undo' ? [entry] : []));
    expect({ state, undos: undos.map(({ step, status, attempt }) => [step, status, attempt]) }).toEqual({
      state: 'compensated',
      undos: [
        ['create-delivery', 'done', 1],
        ['create-payment', 'done', 4],
        ['create-order', 'done', 1],
        ['reserve-inventory', 'done', 1],
      ],
    });
    const { delivery, payment, order, product } = system.sql;
    const committed = [];
    for (const sql of [delivery, payment, order, product]) {
      const [row] = await sql`select at from saga_step where saga_id = ${id} and op = 'undo'`;
      committed.push(row?.['at'].getTime());
    }
    expect(committed).toEqual(committed.toSorted());
    expect(undos.slice(1).map(({ started_at }, n) => started_at >= (undos[n]?.finished_at ?? '?'))).toEqual([
      true,
      true,
      true,
    ]);
    expect(await rowsOf(system, id)).toMatchObject({ payments: [{ status: 'refunded' }], cash: 0 });
    expect(await inventoryOf(system, pen)).toBe(5);
  });

  test("6. two lines of the same product break the order's primary key; a missing payment crashes the server", async () => {
    const ming = await shop.signUp();
    const pen = await shop.sell();
    const id = await shop.buy(ming, pen, pen.toUpperCase());
    expect((await system.untilEnded(id)).state).toBe('completed');
    const items = await system.sql.order`select amount::int from order_item where order_id = ${id}`;
    expect(items).toEqual([{ amount: 2 }]);
    expect(await inventoryOf(system, pen)).toBe(3);

    const refused = await shop.buy(ming, await shop.sell(tooDear));
    await system.untilEnded(refused);
    const paymentOf = (one: string) =>
      shop.send('GET', `/api/payment/${one}`, undefined, { authorization: ming });
    for (const missing of [crypto.randomUUID(), refused]) expect((await paymentOf(missing)).status).toBe(404);
    expect((await paymentOf(id)).status).toBe(200);

    const before = await standing(system);
    const { deliver, end } = deliverer(system);
    const call = { saga_id: crypto.randomUUID(), step: 'create-payment', generation: 1, position: 2 };
    expect(await deliver({ name: 'create-payment:undo', call })).toEqual({ outcome: 'nothing-to-undo' });
    await end();
    expect(await standing(system)).toEqual(before);
  });

  test('7. ids beyond 2^53 as JSON numbers', async () => {
    const ming = await shop.signUp();
    const [dear, pen] = [await shop.sell(1_000_000_000_000, 1_000_000_000), await shop.sell()];
    const live = shop.results(ming, has('CREATE_PAYMENT STATUS_FAILED'));
    const ids = [await shop.buy(ming, pen), await shop.buy(ming, dear)];
    for (const id of ids) await system.untilEnded(id);
    const paths = ['/api/products?size=500', `/api/product/${dear}`, '/sagas?type=purchase'].concat(
      ids.flatMap((id) => [`/api/order/${id}`, `/api/payment/${id}`, `/sagas/${id}`]),
    );
    const answers: unknown[] = [await live];
    for (const path of paths)
      answers.push((await shop.send('GET', path, undefined, { authorization: ming })).body);
    const all = leaves(answers);
    const named = all.filter(([name]) => /(^|_)id$/.test(name));
    const names = ['id', 'product_id', 'purchase_id', 'saga_id', 'order_id', 'payment_id', 'delivery_id'];
    expect(named.map(([name]) => name)).toEqual(expect.arrayContaining(names));
    expect(named.filter(([, value]) => typeof value !== 'string')).toEqual([]);
    const numbers = all.flatMap(([, value]) => (typeof value === 'number' ? [value] : []));
    expect(numbers).toContain(1_000_000_000_000);
    expect(numbers.filter((number) => Math.abs(number) > Number.MAX_SAFE_INTEGER)).toEqual([]);
  });
});

const reservationsOf = (id: string) => system.sql.product`select 1 from reservation where saga_id = ${id}`;

/** Whatever is neither a list nor an object, with the name of the field it stands in. */
function leaves(value: unknown, name = ''): [name: string, value: unknown][] {
  if (value === null || typeof value !== 'object') return [[name, value]];
  if (Array.isArray(value)) return value.flatMap((one) => leaves(one, name));
  return Object.entries(value).flatMap(([key, one]) => leaves(one, key));
}
