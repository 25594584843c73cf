import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { duration } from '../../src/saga/duration.ts';
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
  const tried = ['mortgage-origination', ...Object.keys(others)];
  expect(tried.toSorted(), 'add the example of the new saga to others').toEqual(sagaTypes.toSorted());
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

test('the document describes amounts and rates', async () => {
  const { body: document } = await system.call('GET', '/openapi.json');
  const { properties } = document.components.schemas.MortgageOrigination;
  const [amount, rate] = [properties.loan_amount.anyOf, properties.interest_rate.anyOf];
  expect(amount[0]).toEqual({ type: 'number', format: 'double', minimum: 0.01, maximum: 1e12 });
  expect(rate[0]).toEqual({ type: 'number', format: 'double', minimum: 0, maximum: 100 });
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
});

type Node = Record<string, unknown>;
const isNode = (node: unknown): node is Node => typeof node === 'object' && node !== null;

test('what generators of clients cannot read is not in the document', async () => {
  const { body: document } = await system.call('GET', '/openapi.json');
  const { schemas } = document.components;
  const found: { node: Node; answered: boolean }[] = [];
  const seen = new Set<Node>();
  const walk = (node: unknown, answered: boolean) => {
    if (!isNode(node) || seen.has(node)) return;
    seen.add(node);
    found.push({ node, answered });
    if (typeof node['$ref'] === 'string') walk(schemas[node['$ref'].split('/').at(-1) ?? ''], answered);
    for (const inner of Object.values(node)) walk(inner, answered);
  };
  const operations = Object.values<Record<string, Node>>(document.paths).flatMap((path) =>
    Object.values(path),
  );
  for (const { responses } of operations) walk(responses, true);
  for (const operation of operations) walk(operation, false);

  const nodes = found.map(({ node }) => node);
  const patterns = nodes.flatMap(({ pattern }) => (typeof pattern === 'string' ? [pattern] : []));
  expect(patterns.length).toBeGreaterThan(10);
  // RE2, as in Go and Rust, has no lookaheads.
  expect(patterns.filter((pattern) => /\(\?[=!<]/.test(pattern))).toEqual([]);
  // Without a format, a number is a float of 32 bits in Go, which loses cents.
  expect(nodes.filter(({ type, format }) => type === 'number' && format !== 'double')).toEqual([]);
  // A number or a text is read, and a number is answered.
  const twofold = ({ anyOf }: Node) => JSON.stringify(anyOf)?.includes('"number"');
  expect(found.filter(({ node, answered }) => answered && twofold(node))).toEqual([]);
  expect(found.filter(({ node, answered }) => !answered && twofold(node)).length).toBeGreaterThan(5);
  // An object with `oneOf` has no fields of its own there.
  expect(nodes.filter(({ type, oneOf }) => type === 'object' && oneOf)).toEqual([]);
  // A field with a default is required in some.
  expect(schemas.StartForm.properties.type).not.toHaveProperty('default');
  // Generators name the object in `payment` of `Purchase` so.
  expect(schemas).not.toHaveProperty('PurchasePayment');
  for (const { responses, tags } of operations)
    expect([responses, tags]).toEqual([
      expect.objectContaining({ default: expect.anything() }),
      [expect.any(String)],
    ]);
  const names = operations.map(({ operationId }) => operationId);
  expect(names).toEqual(expect.arrayContaining(['startMortgageOrigination', 'getSaga', 'createCustomer']));
  expect(names.filter((name) => !/^[a-z][a-zA-Z]+$/.test(String(name)))).toEqual([]);
  expect(new Set(names).size).toBe(operations.length);
});

test('a problem and its members are described', async () => {
  const { body: document } = await system.call('GET', '/openapi.json');
  const { properties, required, additionalProperties } = document.components.schemas.Problem;
  expect(required).toEqual(['type', 'title', 'status', 'detail', 'instance']);
  expect(Object.keys(properties)).toEqual([
    ...required,
    ...['errors', 'state', 'saga_id', 'saga', 'decision', 'possible', 'payoff_amount', 'not_ready'],
  ]);
  expect(additionalProperties).not.toBe(false);
});

test('the pattern of a duration is one that is accepted, and not for ever', () => {
  const { pattern } = duration.meta() ?? {};
  const fits = (text: string) => new RegExp(String(pattern)).test(text);
  const good = ['P14D', 'P2W', 'PT30M', 'P1DT12H', 'PT1H30M', 'P5Y9M999DT999H999M999S', 'P1Y', 'PT9999S'];
  expect(good.filter((text) => !fits(text) || !duration.safeParse(text).success)).toEqual([]);
  expect(['P', 'PT', 'P0D', 'P1DT', '1D', 'P1D2H', 'P-1D', 'P11Y'].filter(fits)).toEqual([]);
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
