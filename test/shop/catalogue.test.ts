import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/postgres-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { doStep } from '../../src/guard/guard.ts';
import { createProduct } from '../../src/services/product/create-product.ts';
import { listProducts } from '../../src/services/product/find-products.ts';
import { created, type Send, sender } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let send: Send;
let database: Database;
beforeAll(async () => {
  system = await startSystem({ roles: [] });
  send = sender((path, init) => system.app.request(path, init));
  database = openDatabase(system.databases.product);
});
afterAll(async () => {
  await database.end();
  await system.end();
});

const pen = { name: 'pen', description: 'writes', brand_name: 'quill', price: 1, inventory: 1 };
const create = async (): Promise<string> => (await created(send, '/api/product', pen)).id;
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const positions = async () =>
  (await system.sql.product`select position::int from product order by 1`).map((row) => row['position']);

describe('the positions of products', () => {
  test('that are created twenty at once have no gap', async () => {
    const before = (await positions()).length;
    await Promise.all(upTo(20).map(create));
    expect(await positions()).toEqual(upTo(before + 20));
  });

  test('have no gap where a creation is rolled back while another one waits for it', async () => {
    const before = (await positions()).length;
    let rollBack = (_reason: Error) => {};
    const rolledBack = new Promise<never>((_, reject) => {
      rollBack = reject;
    });
    const halted: typeof createProduct = {
      ...createProduct,
      async do(...given) {
        await createProduct.do(...given);
        return rolledBack;
      },
    };
    const call = { saga_id: crypto.randomUUID(), step: 'create-product', generation: 1, position: 0 };
    const first = doStep(database, halted, { ...call, input: pen });
    await expect.poll(async () => (await locks('granted')).length, { interval: 10 }).toBe(1);
    const second = create();
    await expect.poll(async () => (await locks('not granted')).length, { interval: 10 }).toBe(1);
    rollBack(new Error('never mind'));
    await expect(first).rejects.toThrow('never mind');
    await second;
    expect(await positions()).toEqual(upTo(before + 1));
  });

  test('of those that were there before there were positions are in the order of their ids', async () => {
    const [initial, ...later] = readMigrationFiles({ migrationsFolder: 'drizzle/product' });
    const { product } = system.sql;
    await product.begin(async (sql) => {
      await sql`create schema older`;
      await sql`set local search_path to older`;
      const run = async (statements: string[] = []) => {
        for (const statement of statements) await sql.unsafe(statement.replaceAll('"public".', ''));
      };
      await run(initial?.sql);
      await sql`insert into product (id, name, description, brand_name, price, inventory)
        select gen_random_uuid(), 'pen', 'writes', 'quill', 1, 1 from generate_series(1, 20)`;
      for (const { sql: statements } of later) await run(statements);
      const rows = await sql`select position::int from product order by id`;
      expect(rows.map((row) => row['position'])).toEqual(upTo(20));
    });
  });
});

const locks = (granted: 'granted' | 'not granted') =>
  system.sql.product`
    select 1 from pg_locks where locktype = 'advisory' and granted = ${granted === 'granted'}
    and database = (select oid from pg_database where datname = current_database())`;

describe('a catalogue of 100,000 products', () => {
  const many = 100_000;
  const page = async (offset: number, size: number): Promise<string[]> => {
    const { status, body } = await send('GET', `/api/products?offset=${offset}&size=${size}`);
    expect(status).toBe(200);
    return body.catalogs.map(({ name }: { name: string }) => name);
  };
  const names = (from: number, count: number) => upTo(count).map((n) => `product ${from + n}`);

  beforeAll(async () => {
    const { product } = system.sql;
    await product`delete from product`;
    await product`insert into product (id, name, description, brand_name, price, inventory)
      select gen_random_uuid(), 'product ' || n, 'writes', 'quill', 100, 1 from generate_series(0, ${many - 1}::int) n`;
    await product`analyze product`;
  });

  test.each([
    ['first', 0],
    ['second', 500],
    ['middle', 49_750],
    ['last', 99_500],
  ])('has its %s page of 500 in the order in which they were made', async (_which, offset) => {
    expect(await page(offset, 500)).toEqual(names(offset, 500));
  });

  test('ends: the page at the end is short, the one after it empty, and none is above 500', async () => {
    expect(await page(many - 3, 500)).toEqual(names(many - 3, 3));
    expect(await page(many, 500)).toEqual([]);
    expect(await page(1_000_000_000, 1)).toEqual([]);
    expect((await send('GET', '/api/products?offset=0&size=501')).status).toBe(422);
  });

  test('is read at its end as little as at its beginning', async () => {
    const least = await rowsRead(0, 500);
    expect(least).toBe(500);
    expect(await rowsRead(99_500, 500)).toBe(least);
  });
});

/** By the plan of what listProducts itself asks: the rows that its scans return or throw away. */
async function rowsRead(offset: number, size: number): Promise<number> {
  const asked: { query: string; params: unknown[] }[] = [];
  const logger = { logQuery: (query: string, params: unknown[]) => void asked.push({ query, params }) };
  const query = drizzle(system.sql.product, { logger });
  expect(await listProducts({ ...database, query }, { offset, size })).toHaveLength(size);
  expect(asked).toHaveLength(1);
  const params = z.array(z.number()).parse(asked[0]?.params);
  const explained = await system.sql.product.unsafe(
    `explain (analyze, format json) ${asked[0]?.query}`,
    params,
  );
  const [{ Plan } = { Plan: undefined }] = z
    .array(z.object({ Plan: node }))
    .parse(explained[0]?.['QUERY PLAN']);
  return Plan ? scanned(Plan) : 0;
}

const node = z.object({
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().default(0),
  get Plans() {
    return z.array(node).default([]);
  },
});

const scanned = (plan: z.output<typeof node>): number =>
  plan.Plans.length > 0
    ? plan.Plans.reduce((sum, child) => sum + scanned(child), 0)
    : (plan['Actual Rows'] + plan['Rows Removed by Filter']) * plan['Actual Loops'];
