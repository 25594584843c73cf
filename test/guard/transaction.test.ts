import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConnectionLost, isConnectionError } from '../../src/guard/connection-error.ts';
import { openDatabase, type Transaction } from '../../src/guard/database.ts';
import { doStep, undoStep } from '../../src/guard/guard.ts';
import { freshDatabase, setDefaults } from '../support/databases.ts';
import { type EffectsDatabase, effectsDatabase, leaveEffects } from '../support/guarded-effects.ts';
import { silentProxy } from '../support/silent-proxy.ts';
import { spoilingProxy } from '../support/spoiling-proxy.ts';

let db: EffectsDatabase;
beforeAll(async () => {
  db = await effectsDatabase();
});
afterAll(() => db.end());

const add = (tx: Transaction, label: string) => tx.execute(sql`insert into effect (label) values (${label})`);

test('what was not awaited before the end of its transaction is refused', async () => {
  let kept: Transaction | undefined;
  await db.database.transaction(async (tx) => {
    kept = tx;
    await add(tx, 'inside');
  });
  await expect(async () => kept && add(kept, 'after')).rejects.toThrow();
  await db.database.transaction(async (tx) => {
    await add(tx, 'another');
    await expect(async () => kept && add(kept, 'into another')).rejects.toThrow();
  });
  expect(await db.effects()).toEqual(['inside', 'another']);
});

test('a statement whose failure went unnoticed rolls the transaction back and is an error', async () => {
  const work = db.database.transaction(async (tx) => {
    await add(tx, 'never');
    await tx.execute(sql`select 1 / 0`).catch(() => {});
  });
  await expect(work).rejects.toThrow('unnoticed');
  expect(await db.effects()).not.toContain('never');
});

test('when begin alone fails, nothing behind it is stored', async () => {
  let armed = false;
  const proxy = await spoilingProxy(db.url, 'begin isolation', () => armed);
  const database = openDatabase(proxy.url, { max: 1 });
  const call = { step: 'leave-effects', generation: 1, position: 1, input: { label: 'a' } };
  const prepared = { ...call, saga_id: randomUUID() };
  await doStep(database, leaveEffects, prepared);
  await undoStep(database, leaveEffects, prepared);
  const [effects, rows] = [await db.effects(), await db.guardRows()];
  armed = true;
  const again = { ...call, saga_id: randomUUID() };
  await expect(doStep(database, leaveEffects, again)).rejects.toThrow('bogus');
  await expect(undoStep(database, leaveEffects, again)).rejects.toThrow('bogus');
  expect([await db.effects(), await db.guardRows()]).toEqual([effects, rows]);
  await database.end();
  proxy.close();
});

test('a connection on which nothing can be written is given up, and the next one is used', async () => {
  const database = openDatabase(db.url, { max: 1 });
  const becomeReadOnly = () => database.query.execute(sql`set default_transaction_read_only = on`);
  await becomeReadOnly();
  await expect(database.transaction((tx) => add(tx, 'refused'))).rejects.toThrow(ConnectionLost);
  await database.transaction((tx) => add(tx, 'on another connection'));
  await becomeReadOnly();
  const insert = database.query.execute(sql`insert into effect (label) values ('refused')`);
  await expect(insert).rejects.toSatisfy(isConnectionError);
  await database.end();
  const effects = await db.effects();
  expect(effects).toContain('on another connection');
  expect(effects).not.toContain('refused');
});

test('a server that goes silent fails the transaction before its step times out', async () => {
  const proxy = await silentProxy(db.url);
  const database = openDatabase(proxy.url);
  const work = database.transaction(async (tx) => {
    await add(tx, 'silent');
    proxy.silence();
    await add(tx, 'never answered');
  });
  await expect(work).rejects.toThrow(ConnectionLost);
  proxy.close();
  await database.end();
  expect(await db.effects()).not.toContain('silent');
});

test('an address without a listener, also one of several, is a connection error', async () => {
  const database = openDatabase('postgres://x@127.0.0.1:1/x');
  await expect(database.transaction((tx) => add(tx, 'x'))).rejects.toThrow(ConnectionLost);
  await database.end();
  const refused = Object.assign(new Error('refused'), { errno: -111, code: 'ECONNREFUSED' });
  expect(isConnectionError(new AggregateError([refused, refused]))).toBe(true);
  expect(isConnectionError(new Error('a query failed', { cause: refused }))).toBe(true);
  expect(isConnectionError(new Error('anything else'))).toBe(false);
});

test('a statement, a wait for a lock and an idle transaction end before their step times out', async () => {
  const milliseconds = sql`select setting::int from pg_settings where name in
    ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')`;
  const settings = [
    ...(await db.database.query.execute(milliseconds)),
    ...(await db.database.transaction((tx) => tx.execute(milliseconds))),
  ].map((row) => Number(row['setting']));
  expect(settings).toHaveLength(6);
  expect(Math.min(...settings)).toBeGreaterThan(0);
  expect(Math.max(...settings)).toBeLessThan(5_000);
});

test('a database whose own defaults are others reads and isolates alike', async () => {
  const url = await freshDatabase('loan');
  await setDefaults(url, {
    datestyle: 'SQL, DMY',
    timezone: 'Asia/Tokyo',
    default_transaction_isolation: 'serializable',
  });
  const database = openDatabase(url);
  const defaults = sql`select timestamptz '2026-02-01T09:30:00Z' as at,
    current_setting('transaction_isolation') as isolation`;
  const found = [
    ...(await database.query.execute(defaults)),
    ...(await database.transaction((tx) => tx.execute(defaults))),
  ];
  const expected = { at: '2026-02-01 09:30:00+00', isolation: 'read committed' };
  expect(found).toEqual([expected, expected]);
  await database.end();
});
