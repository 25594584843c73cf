import { afterAll, beforeAll, expect, test } from 'vitest';
import { byOlga, origination, untilUnwinder, unwinderOf, waitingSaga } from '../support/left-behind.ts';
import { originate } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ workflows: 'quick', sweepLocksEveryMs: 1_000 });
});
afterAll(() => system.end());

const sweeping = { timeout: 20_000, interval: 200 };
const holders = async (id: string) => {
  const { mortgage, loan } = system.sql;
  const rows = await Promise.all([
    mortgage`select status, held_by from application where saga_id = ${id}`,
    loan`select status, held_by from loan where saga_id = ${id}`,
  ]);
  return rows.flat().map(({ status, held_by }) => (held_by === id ? `${status}, held` : status));
};

/** Paid out, and stuck before the loan is active. */
async function stuckPastThePivot(): Promise<string> {
  const id = await originate(system, [{ step: 'activate-loan', op: 'do', at: 'before', do: 'refuse' }]);
  await system.untilState(id, 'parked');
  return id;
}

/** A pass of the sweep that began after now has ended. */
async function untilSwept() {
  const witness = await stuckPastThePivot();
  await system.command(witness, 'resolve');
  await system.untilEnded(witness);
  await expect.poll(() => holders(witness), sweeping).toEqual(['approved', 'booked']);
}

test('what an ended saga still holds is freed, and what a living one holds is not', async () => {
  const waiting = await waitingSaga(system);
  const parked = await stuckPastThePivot();
  await untilSwept();
  expect(await holders(waiting)).toEqual(['pending, held']);
  expect(await holders(parked)).toEqual(['approved, held', 'booked, held']);
});

test('what a terminated saga holds is freed when its effects were dealt with, and not before', async () => {
  const id = await stuckPastThePivot();
  await system.handle(origination, id).terminate('by hand');
  await untilUnwinder(system, id);
  await untilSwept();
  expect(await holders(id)).toEqual(['approved, held', 'booked, held']);
  await unwinderOf(system, id).signal('compensate', byOlga);
  await expect
    .poll(async () => JSON.stringify((await system.get(id)).timeline), sweeping)
    .toContain('ignored-signal');
  await unwinderOf(system, id).signal('resolve', byOlga);
  await system.untilEnded(id);
  await expect.poll(() => holders(id), sweeping).toEqual(['approved', 'booked']);
});
