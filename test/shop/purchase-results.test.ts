import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Failpoint } from '../../src/guard/failpoints.ts';
import { bearer, signedUp } from '../accounts/support.ts';
import { created, type Send, sender } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let send: Send;
beforeAll(async () => {
  system = await startSystem();
  send = sender((path, init) => system.app.request(path, init));
});
afterAll(() => system.end());

const signUp = async (): Promise<string> => bearer((await signedUp(send)).access_token).authorization;

async function buy(authorization: string, price = 100): Promise<string> {
  const product = { name: 'pen', description: 'writes', brand_name: 'quill', price, inventory: 5 };
  const { id } = await created(send, '/api/product', product);
  const basket = { purchase_items: [{ product_id: id, amount: 1 }], payment: { currency_code: 'NT' } };
  const { status, body } = await send('POST', '/api/purchase', basket, { authorization });
  expect(status).toBe(201);
  return body.purchase_id;
}

interface Told {
  purchase_id: string;
  step: string;
  status: string;
  timestamp: string;
}

/** Reads until `enough`, or the end of the stream. */
async function results(authorization: string, enough: (seen: Told[]) => boolean): Promise<Told[]> {
  const response = await system.app.request('/api/purchase/result', { headers: { authorization } });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const seen: Told[] = [];
  let rest = '';
  for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
    const blocks = (rest + chunk.value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, data] = /^event: data\ndata: (.*)$/.exec(block) ?? [];
      if (data) seen.push(JSON.parse(data));
    }
    if (!enough(seen)) continue;
    await reader?.cancel();
    break;
  }
  return seen;
}

const lines = (seen: Told[]) => seen.map(({ step, status }) => `${step} ${status}`);
const has = (line: string) => (seen: Told[]) => lines(seen).includes(line);

test('a purchase is told step by step, to one who subscribed before and to one who comes later', async () => {
  const ming = await signUp();
  const live = results(ming, has('CREATE_DELIVERY STATUS_SUCCESS'));
  const id = await buy(ming);
  const seen = await live;
  expect(new Set(seen.map(({ purchase_id }) => purchase_id))).toEqual(new Set([id]));
  expect(lines(seen)).toEqual(
    ['UPDATE_PRODUCT_INVENTORY', 'CREATE_ORDER', 'CREATE_PAYMENT', 'CREATE_DELIVERY'].flatMap((step) => [
      `${step} STATUS_EXECUTE`,
      `${step} STATUS_SUCCESS`,
    ]),
  );
  await system.untilEnded(id);
  const late = await results(ming, has('CREATE_DELIVERY STATUS_SUCCESS'));
  expect(lines(late)).toEqual(expect.arrayContaining(['CREATE_PAYMENT STATUS_SUCCESS']));
});

test('what was rolled back is told in reverse order, and nothing of what there was not to roll back', async () => {
  const ming = await signUp();
  const live = results(ming, has('UPDATE_PRODUCT_INVENTORY STATUS_ROLLBACKED'));
  await buy(ming, 10_001);
  const told = lines(await live);
  expect(told.slice(told.indexOf('CREATE_PAYMENT STATUS_FAILED'))).toEqual([
    'CREATE_PAYMENT STATUS_FAILED',
    'CREATE_ORDER STATUS_ROLLBACKED',
    'UPDATE_PRODUCT_INVENTORY STATUS_ROLLBACKED',
  ]);
});

test('a step is told as rolled back only when its undo has committed', async () => {
  const ming = await signUp();
  const hang = { step: 'create-order', op: 'undo', at: 'before', do: 'hang', attempt: 1 } as const;
  const faults: Failpoint[] = [hang];
  system.config.failpoints.push(...faults);
  const live = results(ming, has('CREATE_ORDER STATUS_ROLLBACKED'));
  const id = await buy(ming, 10_001);
  const told = await live;
  const [row] = await system.sql.order`select at from saga_step where saga_id = ${id} and op = 'undo'`;
  const rolledBack = told.find(({ status }) => status === 'STATUS_ROLLBACKED');
  expect(Date.parse(rolledBack?.timestamp ?? '')).toBeGreaterThanOrEqual(row?.['at'].getTime());
  system.config.failpoints.splice(0);
});

test('nobody is told of the purchases of others, and nobody anything without a token', async () => {
  const [ming, ling] = [await signUp(), await signUp()];
  const own = results(ling, has('CREATE_DELIVERY STATUS_SUCCESS'));
  const others = await buy(ming);
  await system.untilEnded(others);
  const id = await buy(ling);
  expect(new Set((await own).map(({ purchase_id }) => purchase_id))).toEqual(new Set([id]));
  expect((await system.app.request('/api/purchase/result')).status).toBe(401);
});

test('a choreographed purchase is told alike, to the account that bought it', async () => {
  const ming = await signUp();
  const live = results(ming, has('CREATE_ORDER STATUS_ROLLBACKED'));
  const product = { name: 'pen', description: 'writes', brand_name: 'quill', price: 100, inventory: 1 };
  const { id } = await created(send, '/api/product', product);
  const basket = { purchase_items: [{ product_id: id, amount: 2 }], payment: { currency_code: 'NT' } };
  const { body } = await send(
    'POST',
    '/sagas/purchase',
    { ...basket, mode: 'choreographed' },
    { authorization: ming, 'content-type': 'application/json' },
  );
  const told = await live;
  expect(new Set(told.map(({ purchase_id }) => purchase_id))).toEqual(new Set([body.saga_id]));
  expect(lines(told)).toEqual([
    'CREATE_ORDER STATUS_SUCCESS',
    'CREATE_PAYMENT STATUS_EXECUTE',
    'CREATE_PAYMENT STATUS_SUCCESS',
    'UPDATE_PRODUCT_INVENTORY STATUS_EXECUTE',
    'UPDATE_PRODUCT_INVENTORY STATUS_FAILED',
    'CREATE_PAYMENT STATUS_ROLLBACKED',
    'CREATE_ORDER STATUS_ROLLBACKED',
  ]);
  const order = await send('GET', `/api/order/${body.saga_id}`, undefined, { authorization: ming });
  expect([order.status, order.body.status]).toEqual([200, 'cancelled']);
});
