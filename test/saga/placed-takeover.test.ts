import { afterAll, beforeAll, test } from 'vitest';
import { serviceNames } from '../../src/service-names.ts';
import { stopAll } from '../compose/programs.ts';
import { eventually } from '../stack/support.ts';
import { doneAndUndone, playUntilKilled, type Story } from '../support/killed.ts';
import { granted, rowsOf } from '../support/originations.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const type = 'mortgage-origination';
const booked = { step: 'book-loan', op: 'do' } as const;
const disbursed = { step: 'disburse-funds', op: 'do' } as const;
const cancel = ({ handle }: System, id: string) => handle(type, id).cancel();

/** The worker that dies has the services; who takes over has not. */
const stories = {
  'was cancelled': { at: booked, meanwhile: cancel },
  'was past its pivot and cancelled': { at: disbursed, meanwhile: cancel },
  'was left alone': { at: booked },
  'is past its pivot and cancelled later': { at: disbursed },
} satisfies Record<string, Story>;

let system: System;
let ids: Record<keyof typeof stories, string>;
beforeAll(async () => {
  system = await startSystem({ roles: [], placed: true });
  ids = await playUntilKilled(system, stories);
  const id = ids['is past its pivot and cancelled later'];
  await startWorkerProcess(system, { roles: ['sagas'] });
  const steps = async () => stepsOf(await system.get(id));
  await eventually(async () => (await steps()).includes('do register-customer running'), 'its first step');
  await cancel(system, id);
  await startWorkerProcess(system, { roles: serviceNames });
}, 120_000);
afterAll(async () => {
  await stopAll();
  await system.end();
});

const patience = { interval: 200, timeout: 90_000 };
const options = { timeout: 120_000 };
const stateOf = (id: string) => async () => (await system.get(id)).state;

test.concurrent(
  'a saga whose new worker has none of its services is undone by those',
  options,
  async ({ expect }) => {
    const id = ids['was cancelled'];
    await expect.poll(stateOf(id), patience).toBe('cancelled');
    const steps = await doneAndUndone(system, id);
    expect(steps.undone).toEqual(steps.done.filter((step) => step !== 'assess-application'));
    expect((await rowsOf(system, id)).loans).toEqual(['cancelled']);
  },
);

test.concurrent.for(['was past its pivot and cancelled', 'was left alone'] as const)(
  'one that %s goes on step by step, and each is done once',
  options,
  async (name, { expect }) => {
    await expect.poll(stateOf(ids[name]), patience).toBe('completed');
    expect(await rowsOf(system, ids[name])).toEqual(granted);
  },
);

test.concurrent(
  'a cancel that comes when it goes on finds its pivot committed, and no step is done twice',
  options,
  async ({ expect }) => {
    const id = ids['is past its pivot and cancelled later'];
    await expect.poll(stateOf(id), patience).toBe('completed');
    expect(await rowsOf(system, id)).toEqual(granted);
    expect(stepsOf(await system.get(id)).filter((line) => line.includes('#2'))).toEqual([]);
  },
);
