import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { sagaTypes } from '../../src/workflows/inputs.ts';
import * as sagas from '../../src/workflows/sagas.ts';
import { stock } from '../support/purchases.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

test('the example of every saga runs to its end, with a loan and a product that there are', async () => {
  const { body: document } = await system.call('GET', '/openapi.json');
  const { MortgageOrigination, Rehearsal, LoanPayment, Purchase, StartForm } = document.components.schemas;
  async function completed(type: string, input: unknown) {
    const saga = await system.untilEnded(await system.start(type, input));
    expect(saga).toMatchObject({ type, state: 'completed' });
    return saga;
  }
  const { result } = await completed('mortgage-origination', MortgageOrigination.example);
  const { loan_id } = z.object({ loan_id: z.string() }).parse(result);
  const purchase_items = [{ ...Purchase.example.purchase_items[0], product_id: await stock(system) }];
  const others = {
    rehearsal: Rehearsal.example,
    'loan-payment': { ...LoanPayment.example, loan_id },
    purchase: { ...Purchase.example, purchase_items },
  };
  for (const [type, example] of Object.entries(others)) await completed(type, example);
  expect(['mortgage-origination', ...Object.keys(others)].toSorted()).toEqual(sagaTypes.toSorted());
  const body = new URLSearchParams({ ...StartForm.example, saga_id: randomUUID() }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await system.app.request('/start', { method: 'POST', body, headers })).status).toBe(202);
});

test('every saga type has a workflow and a path of its own', async () => {
  expect(Object.keys(sagas).toSorted()).toEqual(sagaTypes.toSorted());
  const { body: document } = await system.call('GET', '/openapi.json');
  const paths = sagaTypes.map((type) => `/sagas/${type}`);
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(paths));
});

test('the document is not sent again while it is the same', async () => {
  const read = (headers: Record<string, string> = {}) => system.app.request('/openapi.json', { headers });
  const etag = (await read()).headers.get('etag') ?? '';
  expect(etag).toMatch(/^".+"$/);
  const again = await read({ 'if-none-match': etag });
  expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
  // A proxy that compresses it makes its tag a weak one.
  expect((await read({ 'if-none-match': `"other", W/${etag}` })).status).toBe(304);
  expect((await read({ 'if-none-match': '"old"' })).status).toBe(200);
});

test('the document describes amounts, rates and the two ways to name a customer', async () => {
  const { body: document } = await system.call('GET', '/openapi.json');
  const { properties, oneOf } = document.components.schemas.MortgageOrigination;
  const [amount, rate] = [properties.loan_amount.anyOf, properties.interest_rate.anyOf];
  expect(amount[0]).toEqual({ type: 'number', minimum: 0.01, maximum: 1e12 });
  expect(rate[0]).toEqual({ type: 'number', minimum: 0, maximum: 100 });
  for (const [{ pattern }, good, bad] of [
    [
      amount[1],
      ['0.01', '2176.03', '1000000000000.00'],
      ['0', '0.00', '1.234', '-1', '1e3', ' 1', '.5', '1.'],
    ],
    [rate[1], ['0', '3.255', '100', '100.000'], ['3.2555', '-1', '1e1', '']],
  ]) {
    expect(good.filter((text: string) => !new RegExp(pattern).test(text))).toEqual([]);
    expect(bad.filter((text: string) => new RegExp(pattern).test(text))).toEqual([]);
  }
  expect(oneOf).toEqual([{ required: ['customer'] }, { required: ['customer_id'] }]);
});

test('the docs page and all that it loads come from here, and no other page frames it', async () => {
  const page = await system.app.request('/docs');
  const policy = page.headers.get('content-security-policy')?.split('; ');
  expect(policy).toEqual(expect.arrayContaining(["default-src 'self'", "frame-ancestors 'none'"]));
  const html = await page.text();
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(loaded).toHaveLength(3);
  for (const path of loaded) {
    expect(path).toMatch(/^\/docs\//);
    expect((await system.app.request(path)).status).toBe(200);
  }
});
