import { afterAll, beforeAll, expect, test } from 'vitest';
import { stopAll } from '../compose/programs.ts';
import { eventually } from '../stack/support.ts';
import { bundleOf } from '../support/bundles.ts';
import { doneAndUndone, startOrigination } from '../support/killed.ts';
import { granted, rowsOf } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';
import { startServerProcess, startWorkerProcess } from '../support/worker-process.ts';

let system: System;
let server: Awaited<ReturnType<typeof startServerProcess>>;
const [untouched, cancelled] = [crypto.randomUUID(), crypto.randomUUID()];
const done = (id: string) => doneAndUndone(system, id);

/** A server whose workers do not know the workflow: what is done was begun with the response to the start. */
beforeAll(async () => {
  system = await startSystem({ roles: [], placed: true });
  server = await startServerProcess(system, {
    env: { WORKFLOW_BUNDLE: await bundleOf('probe') },
    failpoints: [{ saga: cancelled, step: 'disburse-funds', op: 'do', at: 'before', do: 'hang' }],
  });
}, 120_000);
afterAll(async () => {
  await stopAll();
  await system.end();
});

const patience = { interval: 200, timeout: 60_000 };
const stateOf = (id: string) => async () => (await system.get(id)).state;

test('sagas begin with the response to their start', async () => {
  for (const id of [untouched, cancelled]) await startOrigination(system, id, {}, server.api);
  await eventually(async () => (await done(untouched)).done.includes('release-application'), 'all of it');
  await eventually(async () => (await done(cancelled)).done.includes('book-loan'), 'all before the pivot');
}, 60_000);

test('when the server is killed, a saga that was begun and never told completes, and each step is done once', async () => {
  await server.stop('SIGKILL');
  await system.handle('mortgage-origination', cancelled).cancel();
  await startWorkerProcess(system);
  await expect.poll(stateOf(untouched), patience).toBe('completed');
  expect(await rowsOf(system, untouched)).toEqual(granted);
}, 90_000);

test('one that was begun, never told and cancelled is undone', async () => {
  await expect.poll(stateOf(cancelled), patience).toBe('cancelled');
  const steps = await done(cancelled);
  expect(steps.done).toContain('book-loan');
  expect(steps.undone).toEqual(steps.done.filter((step) => step !== 'assess-application'));
  const rows = { customers: 0, claims: 0, applications: ['withdrawn'], loans: ['cancelled'], entries: [] };
  expect(await rowsOf(system, cancelled)).toEqual(rows);
}, 90_000);
