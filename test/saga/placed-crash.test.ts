import { afterAll, beforeAll, type ExpectStatic, test } from 'vitest';
import { stopAll } from '../compose/programs.ts';
import { eventually } from '../stack/support.ts';
import { doneAndUndone, playUntilKilled, type Story } from '../support/killed.ts';
import { granted, rowsOf } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const type = 'mortgage-origination';
const booked = { step: 'book-loan', op: 'do' } as const;
const disbursed = { step: 'disburse-funds', op: 'do' } as const;
const cancel = ({ handle }: System, id: string) => handle(type, id).cancel();
const terminate = ({ handle }: System, id: string) => handle(type, id).terminate('by mistake');

/** Of each, a step has committed when its worker is killed, and nobody was told of what had been done. */
const stories = {
  'was cancelled': { at: booked, meanwhile: cancel },
  'had done but one step and was cancelled': {
    at: { step: 'register-customer', op: 'do' },
    meanwhile: cancel,
  },
  'was past its pivot and cancelled': { at: disbursed, meanwhile: cancel },
  'was terminated': { at: booked, meanwhile: terminate },
  'was past its pivot and terminated': { at: disbursed, meanwhile: terminate },
  'was left alone': { at: booked },
  'missed its deadline': {
    at: booked,
    more: { deadline: 'PT4S' },
    meanwhile() {
      const missed = Date.now() + 4_000;
      return eventually(() => Date.now() > missed, 'its deadline');
    },
  },
  'was given up': {
    at: booked,
    meanwhile: ({ handle }, id) => handle(type, id).signal('compensate', { by: 'olga', reason: 'seen to' }),
  },
  'was being undone': {
    at: { step: 'approve-application', op: 'undo' },
    faults: [{ step: 'disburse-funds', op: 'do', at: 'before', do: 'refuse' }],
  },
  'had been decided and was cancelled': {
    at: booked,
    more: { annual_income: undefined },
    async before(system, id) {
      await eventually(async () => (await system.get(id)).state === 'waiting', 'it waits');
      await system.command(id, 'decision', { approved: true });
    },
    meanwhile: cancel,
  },
} satisfies Record<string, Story>;

const undone = { customers: 0, claims: 0, applications: ['withdrawn'], loans: ['cancelled'], entries: [] };

let system: System;
let ids: Record<keyof typeof stories, string>;
beforeAll(async () => {
  system = await startSystem({ roles: [], placed: true });
  ids = await playUntilKilled(system, stories, { together: true });
  await startWorkerProcess(system);
}, 120_000);
afterAll(async () => {
  await stopAll();
  await system.end();
});

const patience = { interval: 200, timeout: 90_000 };
const stateOf = (id: string) => async () => (await system.get(id)).state;

/** Each step once: the guard's key sees to it. */
async function expectUndone(expect: ExpectStatic, id: string, rows: object = undone) {
  const steps = await doneAndUndone(system, id);
  expect(steps.done).not.toEqual([]);
  expect(steps.undone).toEqual(steps.done.filter((step) => step !== 'assess-application'));
  expect(await rowsOf(system, id)).toEqual(rows);
}

const ends = [
  ['was cancelled', 'cancelled'],
  ['missed its deadline', 'compensated'],
  ['was given up', 'compensated'],
  ['was being undone', 'compensated'],
  ['had been decided and was cancelled', 'cancelled'],
] as const;

const options = { timeout: 120_000 };

test.concurrent.for(ends)(
  'a saga that %s while its worker was dead ends %s, and all that it did is undone',
  options,
  async ([name, state], { expect }) => {
    await expect.poll(stateOf(ids[name]), patience).toBe(state);
    await expectUndone(expect, ids[name]);
  },
);

test.concurrent(
  'one that had done but one step when its worker died, and is cancelled, is undone',
  options,
  async ({ expect }) => {
    const id = ids['had done but one step and was cancelled'];
    await expect.poll(stateOf(id), patience).toBe('cancelled');
    await expectUndone(expect, id, { ...undone, applications: [], loans: [] });
  },
);

test.concurrent.for(['was past its pivot and cancelled', 'was left alone'] as const)(
  'a saga that %s while its worker was dead completes, and each step is done once',
  options,
  async (name, { expect }) => {
    await expect.poll(stateOf(ids[name]), patience).toBe('completed');
    expect(await rowsOf(system, ids[name])).toEqual(granted);
  },
);

/** Orders until it is so: what was not answered in time may have been carried out. */
const untilOrdered = (id: string, action: string) => async () => {
  await system.call('POST', `/sagas/${id}/${action}`, { id: action, reason: 'seen to' });
  return stateOf(id)();
};

test.concurrent(
  'what was terminated meanwhile is parked, and all that it did is undone on order',
  options,
  async ({ expect }) => {
    const id = ids['was terminated'];
    await expect.poll(untilOrdered(id, 'compensate'), patience).toBe('compensated');
    await expectUndone(expect, id);
  },
);

test.concurrent(
  'one that was terminated past its pivot cannot be undone, and the money has moved once',
  options,
  async ({ expect }) => {
    const id = ids['was past its pivot and terminated'];
    const refusal = async () =>
      (await system.call('POST', `/sagas/${id}/compensate`, { reason: 'seen to' })).body.detail;
    await expect.poll(refusal, patience).toMatch(/disburse-funds has committed|possible: resolve/);
    await expect.poll(untilOrdered(id, 'resolve'), patience).toBe('completed');
    expect((await rowsOf(system, id)).entries).toEqual(granted.entries);
  },
);
