import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConnectionLost } from '../../src/guard/connection-error.ts';
import { openDatabase, type Transaction } from '../../src/guard/database.ts';
import { doStep, undoStep } from '../../src/guard/guard.ts';
import type { StepCall } from '../../src/saga/step.ts';
import { commitLosingProxy } from '../support/commit-losing-proxy.ts';
import { type EffectsDatabase, effectsDatabase, hooks, leaveEffects } from '../support/guarded-effects.ts';

let db: EffectsDatabase;
let call: StepCall;

beforeAll(async () => {
  db = await effectsDatabase();
});
afterAll(() => db.end());

beforeEach(async () => {
  hooks.between = async () => {};
  await db.sql`drop trigger if exists killer on effect`;
  await db.empty();
  call = { saga_id: randomUUID(), step: 'leave-effects', generation: 1, position: 0, input: { label: 'a' } };
});

async function backendOf(tx: Transaction): Promise<number> {
  const [row] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  if (!row) throw new Error('no backend');
  return row.pid;
}

/** Ends the backend that serves the transaction; `idle` waits until the client's side has seen it. */
function killAt(at: number, { idle }: { idle: boolean }) {
  hooks.between = async (point, tx) => {
    if (point !== at) return;
    hooks.between = async () => {};
    const pid = await backendOf(tx);
    await db.sql`select pg_terminate_backend(${pid}, 2000)`;
    if (idle) await expect.poll(() => isGone(pid), { interval: 5 }).toBe(true);
    for (let turn = 0; idle && turn < 20; turn++) await nextTurn();
  };
}

const isGone = async (pid: number) =>
  (await db.sql`select 1 from pg_stat_activity where pid = ${pid}`).length === 0;

describe.each([1, 2, 3])('a backend killed inside a step, at point %i,', (point) => {
  test.each([true, false])(
    'leaves no half effect, and the step can be done afterwards (idle: %s)',
    async (idle) => {
      killAt(point, { idle });
      await expect(doStep(db.database, leaveEffects, call)).rejects.toThrow(ConnectionLost);
      expect(await db.effects()).toEqual([]);
      expect(await db.guardRows()).toBe(0);
      expect(await doStep(db.database, leaveEffects, call)).toEqual({ label: 'a' });
      expect(await db.effects()).toEqual(['a first', 'a second']);
    },
  );
});

test.each([1, 2])(
  'a backend killed inside an undo, at point %i, reverses nothing until the undo comes again',
  async (point) => {
    await doStep(db.database, leaveEffects, call);
    killAt(point, { idle: true });
    await expect(undoStep(db.database, leaveEffects, call)).rejects.toThrow(ConnectionLost);
    expect(await db.effects()).toEqual(['a first', 'a second']);
    expect(await undoStep(db.database, leaveEffects, call)).toEqual({ outcome: 'undone' });
    expect(await db.effects()).toEqual(['a first', 'a second', 'a reversed']);
  },
);

test('what a step still tries to change, at whatever moment after its backend was killed, is not changed', async () => {
  await db.sql`insert into effect (label) values ('untouched')`;
  killAt(2, { idle: false });
  const kill = hooks.between;
  hooks.between = async (point, tx) => {
    await kill(point, tx);
    const change = () => tx.execute(sql`update effect set label = 'touched'`).catch(() => {});
    for (let turn = 0; point === 2 && turn < 200; turn++) await Promise.race([change(), nextTurn()]);
  };
  await expect(doStep(db.database, leaveEffects, call)).rejects.toThrow(ConnectionLost);
  expect(await db.effects()).toEqual(['untouched']);
});

test('a backend killed by its own commit leaves nothing', async () => {
  await db.sql`create or replace function kill_backend() returns trigger language plpgsql as
    $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`;
  await db.sql`create constraint trigger killer after insert on effect deferrable initially deferred
    for each row execute function kill_backend()`;
  await expect(doStep(db.database, leaveEffects, call)).rejects.toThrow(ConnectionLost);
  expect(await db.effects()).toEqual([]);
  expect(await db.guardRows()).toBe(0);
});

test('a commit whose response is lost counts: the retried step returns the stored result', async () => {
  const proxy = await commitLosingProxy(db.url);
  const database = openDatabase(proxy.url);
  await expect(doStep(database, leaveEffects, call)).rejects.toThrow(ConnectionLost);
  expect(await doStep(database, leaveEffects, call)).toEqual({ label: 'a' });
  expect(await db.effects()).toEqual(['a first', 'a second']);
  await database.end();
  proxy.close();
});

test('a killed transaction does not disturb the others', async () => {
  const calls = Array.from({ length: 9 }, (_, n) => ({
    ...call,
    saga_id: randomUUID(),
    input: { label: `${n}` },
  }));
  killAt(2, { idle: true });
  const outcomes = await Promise.allSettled(calls.map((each) => doStep(db.database, leaveEffects, each)));
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(await db.effects()).toHaveLength(16);
});

test('a transaction that stays idle for too long is ended by the server and leaves nothing', async () => {
  const impatient = openDatabase(db.url);
  hooks.between = async (point, tx) => {
    if (point !== 2) return;
    await tx.execute(sql`set local idle_in_transaction_session_timeout = 50`);
    const pid = await backendOf(tx);
    await expect.poll(() => isGone(pid), { interval: 5 }).toBe(true);
  };
  await expect(doStep(impatient, leaveEffects, call)).rejects.toThrow(ConnectionLost);
  expect(await db.effects()).toEqual([]);
  await impatient.end();
});
