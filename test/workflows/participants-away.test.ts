import { afterAll, beforeAll, expect, test } from 'vitest';
import { granted, originate, rowsOf } from '../support/originations.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const services = {
  customer: 'register-customer',
  mortgage: 'submit-application',
  loan: 'book-loan',
} as const;

/** So many that some are before the service, some in it and some past it when it stops. */
const many = 12;

async function untilEnded(id: string) {
  const state = async () => (await system.get(id)).state;
  await expect.poll(state, { interval: 100, timeout: 60_000 }).not.toBe('running');
  return system.get(id);
}

test.each(['customer', 'mortgage', 'loan'] as const)(
  'with the %s service away in the middle of many sagas nothing fails, and all complete when it is back',
  async (service) => {
    const before = await Promise.all(Array.from({ length: many }, () => originate(system)));
    await system.rest(service);
    const during = await Promise.all(Array.from({ length: many }, () => originate(system)));
    const [last = ''] = during.slice(-1);
    const waitsFor = async () => stepsOf(await system.get(last)).at(-1);
    await expect.poll(waitsFor, { timeout: 60_000 }).toBe(`do ${services[service]} running`);
    await system.work(service);

    for (const id of [...before, ...during]) {
      const { state, errors, timeline } = await untilEnded(id);
      expect({ state, errors }).toEqual({ state: 'completed', errors: { execution: [], compensation: [] } });
      const statuses = timeline.flatMap((entry) => ('status' in entry ? [entry.status] : []));
      expect(new Set(statuses)).toEqual(new Set(['done']));
      expect(await rowsOf(system, id)).toEqual(granted);
    }
  },
  120_000,
);

test('a saga that unwinds waits for a service that is away, and undoes everything when it is back', async () => {
  const hang = { step: 'book-loan', op: 'do', at: 'before', do: 'hang', attempt: 1 } as const;
  const refuse = { step: 'book-loan', op: 'do', at: 'before', do: 'refuse', attempt: 2 } as const;
  const id = await originate(system, [hang, refuse]);
  const reached = async () => stepsOf(await system.get(id)).at(-1);
  await expect.poll(reached, { timeout: 30_000 }).toBe('do book-loan running');
  await system.rest('mortgage');
  await expect.poll(reached, { timeout: 30_000 }).toBe('undo approve-application running');
  expect((await system.get(id)).state).toBe('compensating');
  await system.work('mortgage');
  expect(await system.untilEnded(id)).toMatchObject({ state: 'compensated', errors: { compensation: [] } });
});
